// A body as a tree of places, read by simdjson: what the oracle asks about the inside of blocks.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "assembler/outline.h"

namespace foreword::oracle {

struct Member;

/// One value. Members keep their order, and their duplicates.
struct Node {
  assembler::Value value;
  std::string text;  // decoded, of a string
  std::vector<Member> members;
  std::vector<Node> elements;

  [[nodiscard]] bool is(assembler::Shape shape) const { return value.shape == shape; }
  [[nodiscard]] std::size_t begin() const { return value.span.begin; }
  [[nodiscard]] std::size_t end() const { return value.span.end; }
  [[nodiscard]] bool says(std::string_view wanted) const {
    return is(assembler::Shape::string) && text == wanted;
  }
  /// The last of that name: the one that counts. nullptr: there is none.
  [[nodiscard]] const Node* last(std::string_view name) const;
  /// All of that name.
  [[nodiscard]] std::vector<const Node*> all(std::string_view name) const;
};

struct Member {
  std::string name;
  std::size_t name_begin = 0;  // its quote
  Node value;
};

/// The members of the body's root. Nothing where a string cannot be decoded, or the body is no JSON
/// object.
[[nodiscard]] std::optional<Node> read_tree(std::string_view body);

}  // namespace foreword::oracle
