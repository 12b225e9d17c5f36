#include "assembler/scan.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>

#include "assembler/json_blocks.h"
#include "assembler/scan_walk.h"
#include "assembler/utf8_check.h"

namespace foreword::assembler {
namespace {

using config::Operation;

const Rule& rule_of(Operation operation) {
  switch (operation) {
    case Operation::messages:
      return anthropic_rule();
    case Operation::chat_completions:
      return chat_rule();
    case Operation::responses:
      return responses_rule();
    case Operation::generate_content:
      return gemini_rule();
    case Operation::other:
      break;
  }
  static constexpr Rule kNothing = {.walk = true, .end = end_root};
  return kNothing;
}

/// Bodies name messages before tools and system when their keys are sorted.
void sort_into_prefix_order(std::vector<Segment>& segments) {
  if (!std::ranges::is_sorted(segments, {}, &Segment::kind)) {
    std::ranges::stable_sort(segments, {}, &Segment::kind);
  }
}

}  // namespace

struct Scanner::State {
  explicit State(Operation operation) : walk(rule_of(operation)) {
    walk.state().outline.operation = operation;
  }

  /// Looks at the body from `seen` to `end`, which are the whole blocks at `bytes`.
  void look(std::string_view body, std::size_t end, const char* bytes, std::size_t blocks) {
    json::BatchMasks masks;
    classify(bytes, blocks, carry, masks);
    broken = masks.control || !utf8.feed(body.substr(0, end), !masks.non_ascii);
    if (!broken) walk.walk(body.data(), {seen, end, &masks});
    seen = end;
  }

  void look_at_whole_blocks(std::string_view body) {
    while (body.size() - seen >= json::kBlockBytes && !broken) {
      const auto blocks = std::min((body.size() - seen) / json::kBlockBytes, json::kBatchBlocks);
      look(body, seen + blocks * json::kBlockBytes, body.data() + seen, blocks);
    }
  }

  void look_at_last_block(std::string_view body) {
    if (body.size() == seen || broken) return;
    std::array<char, json::kBlockBytes> block;
    block.fill(' ');
    std::memcpy(block.data(), body.data() + seen, body.size() - seen);
    look(body, body.size(), block.data(), 1);
  }

  /// Bytes that are wrong wherever they stand count before anything that the walk found: what is
  /// reported does not depend on the pieces in which the body came.
  [[nodiscard]] std::optional<ScanFailure> failure(std::string_view body) {
    if (broken || carry.in_string != 0 || !utf8.finish(body)) return ScanFailure::malformed_json;
    if (walk.failed()) return walk.state().failure;
    if (!walk.complete()) return ScanFailure::malformed_json;
    return std::nullopt;
  }

  json::Classify* classify = json::best_instruction_set().classify;
  json::BlockCarry carry;
  ScanWalk walk;
  Utf8Check utf8;
  std::size_t seen = 0;  // a multiple of a block's size until the last one
  bool broken = false;
};

Scanner::Scanner(Operation operation) : state_(std::make_unique<State>(operation)) {}
Scanner::Scanner(Scanner&&) noexcept = default;
Scanner& Scanner::operator=(Scanner&&) noexcept = default;
Scanner::~Scanner() = default;

void Scanner::feed(std::string_view body_so_far) {
  state_->look_at_whole_blocks(body_so_far);
}

ScanResult<Outline> Scanner::finish(std::string_view body) {
  // Its memory is given back here: the scanner itself may live as long as the answer streams.
  const auto state = std::move(state_);
  state->look_at_whole_blocks(body);
  state->look_at_last_block(body);
  if (const auto failure = state->failure(body)) return *failure;
  Outline& outline = state->walk.state().outline;
  sort_into_prefix_order(outline.segments);
  return std::move(outline);
}

ScanResult<Outline> scan(Operation operation, std::string_view body) {
  return Scanner(operation).finish(body);
}

std::string_view name_of(ScanFailure failure) {
  switch (failure) {
    case ScanFailure::malformed_json:
      return "malformed_json";
    case ScanFailure::not_an_object:
      return "not_an_object";
    case ScanFailure::duplicate_member:
      return "duplicate_member";
    case ScanFailure::unexpected_shape:
      return "unexpected_shape";
    case ScanFailure::too_deep:
      return "too_deep";
    case ScanFailure::too_many_blocks:
      return "too_many_blocks";
  }
  return "unknown";
}

void throw_exception_from_error(ScanFailure failure, const boost::source_location&) {
  throw std::runtime_error("the request body was not outlined: " + std::string(name_of(failure)));
}

}  // namespace foreword::assembler
