// How the scanners of the three providers make segments: the steps that their rules share. Not part
// of the folder's contract: only scan*.cc include it.
//
// A block is one segment. An item, a message or what stands in its place, has segments in its
// content; what is around them goes into the hash of each.
#pragma once

#include <span>
#include <string_view>

#include "assembler/scan_rule.h"

namespace foreword::assembler {

// --- blocks --------------------------------------------------------------------------------------

void begin_block(ScanState& state, std::size_t at);
/// Adds the block as a segment of the list's kind. It may carry a marker if `may` and if its
/// members do not forbid it.
void add_block(ScanState& state, const Value& block, bool may);
/// Whether the block is an object of a type that takes markers, and no empty text.
[[nodiscard]] bool is_of_marked_type(const ScanState& state, const Value& block);

/// "type": one of `types`, or none.
void read_block_type(ScanState& state, const Value& value, std::span<const BlockType> types);
/// "text".
void read_block_text(ScanState& state, const Value& value);
/// A member that holds a picture or the like.
void read_block_media(ScanState& state, const Value& value);

/// Blocks of which nothing is known but that they are segments: tools of OpenAI and Gemini.
extern const Rule kPlainBlockRule;

// --- texts: strings that stand where a list of blocks may stand, outside of items ----------------

/// Begins a hash if a string begins at `at`.
void begin_text(ScanState& state, std::size_t at);
/// Adds the string as a segment. REQUIRES: begin_text() at its first byte.
void add_text(ScanState& state, const Value& text, bool may);

// --- items ---------------------------------------------------------------------------------------

void begin_item(ScanState& state, std::size_t at);
/// An item without a segment becomes one itself.
void end_item(ScanState& state, const Value& item);
/// The hash of the item without the lists in it; segments keep their own.
[[nodiscard]] config::Hash128 end_around(ScanState& state, const Value& item);

void begin_content(ScanState& state, std::size_t at);
/// A content that is a string becomes a segment, to be hashed when the item ends.
void end_content(ScanState& state, const Value& content);

// --- levels --------------------------------------------------------------------------------------

void add_to_level(ScanState& state, SegmentKind level, std::string_view name,
                  const config::Hash128& value);

/// For a member that belongs to the identity of a level.
template <SegmentKind level, const std::string_view& name>
inline constexpr Rule kLevelRule = {.end = [](ScanState& state, const Value& value) {
  if (value.shape == Shape::null) return;
  const std::string_view bytes(state.body + value.span.begin, value.span.size());
  add_to_level(state, level, name, config::xxh3_128(bytes));
}};

}  // namespace foreword::assembler
