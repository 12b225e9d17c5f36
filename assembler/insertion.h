// Builds the text of a plan's edits: how to write it. What to write is plan.cc's. Not part of the
// folder's contract: only plan.cc includes it.
//
// Both classes add to the plan until they die; at most one of them writes to a place at a time.
// Edits come out in the order of writing; who writes to several places sorts them by place
// afterwards.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "assembler/plan.h"

namespace foreword::assembler {

/// Text that goes in at one place: glue of ours, collected into few pieces, and layers, never
/// copied.
class Insertion {
 public:
  Insertion(Plan& plan, std::size_t at) : plan_(plan), at_(at) {}
  Insertion(const Insertion&) = delete;
  Insertion& operator=(const Insertion&) = delete;
  ~Insertion() { end_glue(); }

  Insertion& glue(std::string_view text) {
    glue_ += text;
    return *this;
  }

  Insertion& layer(std::string_view escaped) {
    end_glue();
    plan_.edits.push_back({at_, 0, escaped});
    return *this;
  }

 private:
  void end_glue() {
    if (glue_.empty()) return;
    plan_.edits.push_back({at_, 0, plan_.owned.emplace_back(std::move(glue_))});
    glue_.clear();
  }

  Plan& plan_;
  std::size_t at_;
  std::string glue_;
};

/// New members of an object, right behind its '{'. Puts the commas.
class NewMembers {
 public:
  NewMembers(Plan& plan, std::size_t brace, bool object_empty)
      : text_(plan, brace + 1), object_empty_(object_empty) {}
  NewMembers(const NewMembers&) = delete;
  NewMembers& operator=(const NewMembers&) = delete;
  ~NewMembers() {
    if (any_ && !object_empty_) text_.glue(",");
  }

  /// The value is to be glued on.
  Insertion& add(std::string_view name) {
    if (any_) text_.glue(",");
    any_ = true;
    return text_.glue("\"").glue(name).glue("\":");
  }

 private:
  Insertion text_;
  bool object_empty_;
  bool any_ = false;
};

}  // namespace foreword::assembler
