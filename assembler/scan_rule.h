// What the scanners of the three providers are made of: rules, which say for each place in a
// request what matters there. Not part of the folder's contract: only scan*.cc include it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "assembler/scan.h"

namespace foreword::assembler {

/// What has been found, and where the walk stands.
struct ScanState {
  const char* body = nullptr;
  Outline outline;
  std::optional<ScanFailure> failure;
  /// One bit for each slot of the members that have been met.
  unsigned seen = 0;

  // --- of the list that the walk is in -----------------------------------------------------------
  Place place{};
  SegmentKind kind{};
  int nested_lists = 0;
  // --- of the marker, or the message, that it is in ----------------------------------------------
  Ttl ttl{};
  std::string_view role;

  /// Ends the scan. The first failure counts.
  void stop(ScanFailure why) {
    if (!failure) failure = why;
  }
};

struct Rule;

/// A member that matters. A slot may be met once; two names of one thing (Gemini's spellings) share
/// one.
struct MemberRule {
  static constexpr unsigned kRepeatable = 32;

  std::string_view name;
  const Rule* rule = nullptr;
  unsigned slot = kRepeatable;
};

/// What to do with a value. A value without a rule is skipped: only its own two brackets have to
/// match, and as many have to close as open between them.
struct Rule {
  std::span<const MemberRule> members = {};  // of an object
  const Rule* element = nullptr;             // of an array
  /// Follow the value's syntax, whatever its shape. Without, its inside is skipped.
  bool walk = false;
  /// Called where the value begins.
  void (*begin)(ScanState&) = nullptr;
  /// Called with its place and shape when it has ended.
  void (*end)(ScanState&, const Value&) = nullptr;
};

[[nodiscard]] const Rule& anthropic_rule();
[[nodiscard]] const Rule& chat_rule();
[[nodiscard]] const Rule& responses_rule();
[[nodiscard]] const Rule& gemini_rule();

/// `model` and `stream`, the same for two providers. Other shapes count as absent.
extern const Rule kModelRule;
extern const Rule kStreamRule;
/// An array whose elements become segments; any other shape has none. The list that begins sets
/// their kind.
extern const Rule kSegmentRule;

/// Adds the value as a segment of the list's kind.
void add_segment(ScanState& state, const Value& value);

/// The end of the root: what every outline begins with.
void end_root(ScanState& state, const Value& root);

/// Stops the scan unless a list that holds segments is an array, null, or also a string.
void expect_list(ScanState& state, const Value& list, bool or_string);

/// The bytes of a string token between its quotes, as they are.
[[nodiscard]] inline std::string_view raw_text(const ScanState& state, const Span& token) {
  return {state.body + token.begin + 1, token.size() - 2};
}

/// Decodes the inside of a string token; nothing where an escape is wrong. `storage` holds the
/// result where it differs from what is there.
[[nodiscard]] std::optional<std::string_view> decode(std::string_view raw, std::string& storage);

/// Whether the value is a string and says `text`. Stops the scan where it cannot be decoded.
[[nodiscard]] bool says(ScanState& state, const Value& value, std::string_view text);

}  // namespace foreword::assembler
