// What the scanners of the three providers are made of: rules, which say for each place in a
// request what matters there. Not part of the folder's contract: only scan*.cc include it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "assembler/content_hash.h"
#include "assembler/scan.h"

namespace foreword::assembler {

/// A type of block that a marker may stand on.
struct BlockType {
  std::string_view name;
  bool is_text = false;   // its text must not be empty
  bool is_image = false;  // Anthropic: a change of them anywhere loses the messages
};

/// The block that the walk is in: what its own members say.
struct BlockFacts {
  const BlockType* type = nullptr;  // nullptr: none that a marker may stand on
  bool has_text = false;            // "text" is a string, of text_bytes between its quotes
  bool has_marker_member = false;   // be it null: a second one must not go in
  bool deferred = false;            // a tool that is not loaded yet
  bool media = false;
  std::uint8_t markers = 0;
  std::size_t text_bytes = 0;
  std::size_t media_bytes = 0;
  Span billing_header;  // its text, if it begins like one
};

/// The message, or other element of the conversation, that the walk is in.
struct ItemFacts {
  std::size_t first_segment = 0;
  std::size_t lists = 0;         // contents that are lists: `around` holds what lies before
  config::Hash128 around;        // each, and between them
  std::size_t around_bytes = 0;  //
  std::size_t call_bytes = 0;    // tool calls beside the content
  std::size_t media_bytes = 0;   // of a content that is no list
  std::uint8_t markers = 0;      //
  bool takes_markers = false;    // by its role
  bool wraps_strings = false;    // a content that is a string may become a list
};

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
  bool text_source = false;  // of the source that the walk is in
  bool has_image = false;    // anywhere
  bool has_citations = false;
  // --- of the marker, or the message, that it is in ----------------------------------------------
  Ttl ttl{};
  std::string_view role;
  bool is_message = false;    // by its type
  bool is_output = false;     //
  bool tools_answer = false;  // messages of the role "tool" take markers
  ItemFacts item;
  BlockFacts block;
  /// Of the block, or of what is around the blocks of an item.
  ContentHash hash;

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
  /// The member is no content: what is hashed around it goes on as if it were not there.
  bool left_out = false;
  /// Called where the value begins: its first byte is body[at].
  void (*begin)(ScanState&, std::size_t at) = nullptr;
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

/// The text of a value that is a string, decoded into `storage` where it has to be; nothing where
/// it is none. Stops the scan where it cannot be decoded.
[[nodiscard]] std::optional<std::string_view> read_string(ScanState& state, const Value& value,
                                                          std::string& storage);

/// Whether the value is a string and says `text`. Stops the scan where it cannot be decoded.
[[nodiscard]] bool says(ScanState& state, const Value& value, std::string_view text);

}  // namespace foreword::assembler
