#include <array>

#include "assembler/scan_rule.h"

// Members of an Anthropic Messages request. Breakpoints count wherever they may stand: an
// overlooked one could make five, which is a 400.
namespace foreword::assembler {
namespace {

/// Blocks nest in the content of a tool result, and no API nests them deeper than twice.
constexpr int kMaxNestedContent = 32;

// --- breakpoints ---------------------------------------------------------------------------------

void begin_marker(ScanState& state) {
  state.ttl = Ttl::minutes_5;
}

void end_marker(ScanState& state, const Value& value) {
  if (value.shape == Shape::null) return;
  state.outline.anthropic.markers.push_back({state.place, state.ttl});
}

void read_ttl(ScanState& state, const Value& value) {
  state.ttl = says(state, value, "1h") ? Ttl::hour_1 : Ttl::minutes_5;
}

constexpr Rule kTtl = {.end = read_ttl};
constexpr std::array kMarkerMembers = {MemberRule{"ttl", &kTtl}};
constexpr Rule kMarker = {
    .members = kMarkerMembers, .walk = true, .begin = begin_marker, .end = end_marker};

void begin_top_level_marker(ScanState& state) {
  state.place = Place::top_level;
  begin_marker(state);
}

constexpr Rule kTopLevelMarker = {
    .members = kMarkerMembers, .walk = true, .begin = begin_top_level_marker, .end = end_marker};

// --- blocks, and the blocks in their content -----------------------------------------------------

void begin_nested_list(ScanState& state) {
  ++state.nested_lists;
}

void end_nested_list(ScanState& state, const Value&) {
  --state.nested_lists;
}

void begin_nested_block(ScanState& state) {
  if (state.nested_lists > kMaxNestedContent) state.stop(ScanFailure::too_deep);
}

extern const Rule kNestedBlock;
constexpr Rule kNestedList = {
    .element = &kNestedBlock, .walk = true, .begin = begin_nested_list, .end = end_nested_list};
constexpr std::array kBlockMembers = {MemberRule{"cache_control", &kMarker},
                                      MemberRule{"content", &kNestedList}};
constinit const Rule kNestedBlock = {
    .members = kBlockMembers, .walk = true, .begin = begin_nested_block};
constexpr Rule kBlock = {.members = kBlockMembers, .walk = true, .end = add_segment};

// --- lists of blocks -----------------------------------------------------------------------------

void begin_list(ScanState& state, Place place, SegmentKind kind) {
  state.place = place;
  state.kind = kind;
}

void end_list(ScanState& state, const Value& list) {
  if (list.shape == Shape::string) add_segment(state, list);
}

void begin_tools(ScanState& state) {
  begin_list(state, Place::tools, SegmentKind::tool);
}

void end_tools(ScanState& state, const Value& tools) {
  expect_list(state, tools, false);
}

void begin_system(ScanState& state) {
  begin_list(state, Place::system, SegmentKind::system_block);
}

void end_system(ScanState& state, const Value& system) {
  state.outline.anthropic.system = system;
  end_list(state, system);
}

void begin_messages(ScanState& state) {
  begin_list(state, Place::messages, SegmentKind::message_block);
}

void end_messages(ScanState& state, const Value& messages) {
  expect_list(state, messages, false);
}

constexpr Rule kTools = {.element = &kBlock, .walk = true, .begin = begin_tools, .end = end_tools};
constexpr Rule kSystem = {
    .element = &kBlock, .walk = true, .begin = begin_system, .end = end_system};
constexpr Rule kContent = {.element = &kBlock, .walk = true, .end = end_list};
constexpr std::array kMessageMembers = {MemberRule{"content", &kContent}};
constexpr Rule kMessage = {.members = kMessageMembers, .walk = true};
constexpr Rule kMessages = {
    .element = &kMessage, .walk = true, .begin = begin_messages, .end = end_messages};

// --- the root ------------------------------------------------------------------------------------

void read_thread(ScanState& state, const Value& thread) {
  state.outline.anthropic.has_thread = thread.shape != Shape::null;
}

constexpr Rule kThread = {.end = read_thread};
constexpr std::array kRootMembers = {
    MemberRule{"model", &kModelRule, 0},   MemberRule{"stream", &kStreamRule, 1},
    MemberRule{"tools", &kTools, 2},       MemberRule{"system", &kSystem, 3},
    MemberRule{"messages", &kMessages, 4}, MemberRule{"cache_control", &kTopLevelMarker, 5},
    MemberRule{"thread", &kThread, 6},
};
constexpr Rule kRoot = {.members = kRootMembers, .walk = true, .end = end_root};

}  // namespace

const Rule& anthropic_rule() {
  return kRoot;
}

}  // namespace foreword::assembler
