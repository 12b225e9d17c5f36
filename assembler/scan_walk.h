// Walks over a request by its rules while it arrives. Not part of the folder's contract: only
// scan*.cc include it.
//
// Strings and skipped values cost nothing here but a look at the masks of their blocks; what is
// read byte by byte is the punctuation around them. The walk can stop behind any byte and go on
// when there are more.
#pragma once

#include <bit>
#include <vector>

#include "assembler/json_blocks.h"
#include "assembler/scan_rule.h"

namespace foreword::assembler {

/// The part of a body whose masks are at hand: bytes [begin, end), of which `begin` is the first of
/// a block.
struct Window {
  std::size_t begin = 0;
  std::size_t end = 0;
  const json::BatchMasks* masks = nullptr;

  static constexpr std::size_t kNone = ~std::size_t{0};
  /// The first quote at or behind `from` that begins or ends a string; kNone if none is here.
  [[nodiscard]] std::size_t next_quote(std::size_t from) const {
    if (from >= end) return kNone;
    const std::size_t block = (from - begin) / json::kBlockBytes;
    if ((masks->quote_blocks >> block & 1) == 0) return next_quote_behind(block);
    const std::uint64_t here = masks->quotes[block] >> (from - begin) % json::kBlockBytes;
    return here != 0 ? from + static_cast<std::size_t>(std::countr_zero(here))
                     : next_quote_behind(block);
  }
  /// The bracket that closes the last of `depth` open ones, at or behind `from`. Leaves in `depth`
  /// what is open at the end if it is not here.
  [[nodiscard]] std::size_t next_closing(std::size_t from, std::size_t& depth) const;

 private:
  [[nodiscard]] std::size_t next_quote_behind(std::size_t block) const;
};

class ScanWalk {
 public:
  explicit ScanWalk(const Rule& root) : rule_(&root) { frames_.reserve(kUsualDepth); }

  /// Goes on over the window, which follows the last one, unless it has failed. `body` is where the
  /// body is now.
  void walk(const char* body, const Window& window);
  /// Whether the root has ended.
  [[nodiscard]] bool complete() const { return expect_ == Expect::nothing; }
  [[nodiscard]] bool failed() const { return state_.failure.has_value(); }
  [[nodiscard]] ScanState& state() { return state_; }

 private:
  enum class Mode : std::uint8_t { tokens, string, scalar, skip };
  enum class Expect : std::uint8_t {
    root,
    name_or_end,
    name,
    colon,
    value,
    element_or_end,
    comma_or_end,
    nothing,
  };
  /// Containers around a block in a message, and around what may be in it.
  static constexpr std::size_t kUsualDepth = 8;

  /// A container that is being walked.
  struct Frame {
    const Rule* rule;
    std::size_t begin;
    bool is_object;
    bool empty;
    bool resumes_at_next = false;  // a member was left out, and none is in front of it
    std::size_t kept_until = 0;    // where the last member ends that is not left out
  };

  void walk_tokens();
  void walk_string();
  void walk_scalar();
  void walk_skipped();

  void begin_root(char c);
  void begin_value(char c);
  void begin_container(char c);
  void begin_element(char c);
  void end_string(std::size_t end);
  void end_name(const Span& token);
  void end_scalar();
  void end_container(char c);
  void end_value(const Value& value);
  void after_value(char c);
  void leave_out(const Span& name);
  void go_on_behind(const Value& value);
  void resume_if_due(std::size_t at);

  [[nodiscard]] bool in_name() const {
    return expect_ == Expect::name || expect_ == Expect::name_or_end;
  }
  void malformed() { state_.stop(ScanFailure::malformed_json); }
  [[nodiscard]] bool is_blank(std::size_t begin, std::size_t end) const;

  ScanState state_;
  std::vector<Frame> frames_;
  const Rule* rule_;  // of the value that comes next, or that the walk is in; nullptr: skip it
  Window window_;
  std::size_t at_ = 0;     // all before this has been walked
  std::size_t begin_ = 0;  // of the string, scalar or skipped value that the walk is in
  std::size_t depth_ = 0;  // open brackets of the skipped value
  Mode mode_ = Mode::tokens;
  Expect expect_ = Expect::root;
};

}  // namespace foreword::assembler
