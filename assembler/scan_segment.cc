#include "assembler/scan_segment.h"

#include <algorithm>

#include "config/limits.h"

namespace foreword::assembler {
namespace {

constexpr std::size_t kQuotes = 2;

void add_segment(ScanState& state, const Segment& segment) {
  auto& segments = state.outline.segments;
  if (segments.size() == config::limits::kMaxSegments) {
    return state.stop(ScanFailure::too_many_blocks);
  }
  segments.push_back(segment);
}

std::uint32_t text_bytes_of_block(const ScanState& state) {
  const BlockFacts& block = state.block;
  if (block.has_text) return static_cast<std::uint32_t>(block.text_bytes);
  const auto bytes = state.hash.bytes();
  return static_cast<std::uint32_t>(bytes - std::min(bytes, block.media_bytes));
}

Segment segment_of(const ScanState& state, const Value& value) {
  Segment segment;
  segment.kind = state.kind;
  segment.span = value.span;
  return segment;
}

void add_plain_block(ScanState& state, const Value& block) {
  add_block(state, block, false);
}

/// The segment of an item that has no content.
void add_whole_item(ScanState& state, const Value& item) {
  const auto bytes = state.item.around_bytes;
  Segment segment = segment_of(state, item);
  segment.markers = state.item.markers;
  segment.media = state.item.media_bytes > 0;
  segment.text_bytes = static_cast<std::uint32_t>(bytes - std::min(bytes, state.item.media_bytes));
  add_segment(state, segment);
}

}  // namespace

constinit const Rule kPlainBlockRule = {.begin = begin_block, .end = add_plain_block};

// --- blocks --------------------------------------------------------------------------------------

void begin_block(ScanState& state, std::size_t at) {
  state.block = {};
  state.hash.begin(at);
}

void add_block(ScanState& state, const Value& block, bool may) {
  Segment segment = segment_of(state, block);
  segment.hash = state.hash.end(state.body, block.span.end);
  const bool forbidden = state.block.has_marker_member || state.block.markers != 0;
  if (may && !forbidden) segment.markable = Markable::block;
  segment.media = state.block.media;
  segment.markers = state.block.markers;
  segment.text_bytes = text_bytes_of_block(state);
  add_segment(state, segment);
}

bool is_of_marked_type(const ScanState& state, const Value& block) {
  const BlockFacts& facts = state.block;
  if (block.shape != Shape::object || facts.type == nullptr) return false;
  return !facts.type->is_text || facts.text_bytes > 0;
}

void read_block_type(ScanState& state, const Value& value, std::span<const BlockType> types) {
  std::string storage;
  const auto name = read_string(state, value, storage);
  const auto found = std::ranges::find(types, name, &BlockType::name);
  state.block.type = found == types.end() ? nullptr : &*found;
}

void read_block_text(ScanState& state, const Value& value) {
  state.block.has_text = value.shape == Shape::string;
  state.block.text_bytes = state.block.has_text ? value.span.size() - kQuotes : 0;
}

void read_block_media(ScanState& state, const Value& value) {
  state.block.media = true;
  state.block.media_bytes += value.span.size();
}

// --- texts ---------------------------------------------------------------------------------------

void begin_text(ScanState& state, std::size_t at) {
  if (state.body[at] == '"') state.hash.begin(at);
}

void add_text(ScanState& state, const Value& text, bool may) {
  Segment segment = segment_of(state, text);
  segment.hash = state.hash.end(state.body, text.span.end);
  if (may && !text.empty) segment.markable = Markable::string;
  segment.text_bytes = static_cast<std::uint32_t>(text.span.size() - kQuotes);
  add_segment(state, segment);
}

// --- items ---------------------------------------------------------------------------------------

void begin_item(ScanState& state, std::size_t at) {
  state.item = {};
  state.item.first_segment = state.outline.segments.size();
  state.hash.begin(at);
}

void begin_content(ScanState& state, std::size_t at) {
  if (state.body[at] != '[') return;
  ItemFacts& item = state.item;
  const auto before = state.hash.end(state.body, at);
  item.around = item.lists == 0 ? before : config::combine(item.around, before);
  item.around_bytes += state.hash.bytes();
  ++item.lists;
}

void end_content(ScanState& state, const Value& content) {
  if (content.shape == Shape::array) return state.hash.begin(content.span.end);
  if (content.shape != Shape::string) return;
  Segment segment = segment_of(state, content);
  if (!content.empty) segment.markable = Markable::string;
  segment.text_bytes = static_cast<std::uint32_t>(content.span.size() - kQuotes);
  add_segment(state, segment);
}

config::Hash128 end_around(ScanState& state, const Value& item) {
  const auto last = state.hash.end(state.body, item.span.end);
  state.item.around_bytes += state.hash.bytes();
  return state.item.lists == 0 ? last : config::combine(state.item.around, last);
}

void end_item(ScanState& state, const Value& item) {
  const ItemFacts& facts = state.item;
  const auto around = end_around(state, item);
  auto& segments = state.outline.segments;
  const bool whole = segments.size() == facts.first_segment;
  if (whole) add_whole_item(state, item);
  for (std::size_t i = facts.first_segment; i < segments.size(); ++i) {
    Segment& segment = segments[i];
    const bool takes = segment.markable == Markable::string
                           ? facts.takes_markers && facts.wraps_strings
                           : facts.takes_markers;
    if (!takes) segment.markable = Markable::no;
    segment.hash = facts.lists == 0 ? around : config::combine(segment.hash, around);
  }
  if (!whole) {
    segments.back().text_bytes += static_cast<std::uint32_t>(facts.call_bytes);
  }
}

// --- levels --------------------------------------------------------------------------------------

void add_to_level(ScanState& state, SegmentKind level, std::string_view name,
                  const config::Hash128& value) {
  const auto member = config::combine(config::xxh3_128(name), value);
  auto& sum = state.outline.level_hash[static_cast<std::size_t>(level)];
  sum.high += member.high;
  sum.low += member.low;
}

}  // namespace foreword::assembler
