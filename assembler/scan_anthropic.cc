#include <array>

#include "assembler/scan_segment.h"

// Members of an Anthropic Messages request. Breakpoints count wherever they may stand: an
// overlooked one could make five, which is a 400.
namespace foreword::assembler {
namespace {

/// Blocks nest in the content of a tool result, and no API nests them deeper than twice.
constexpr int kMaxNestedContent = 32;

// --- breakpoints ---------------------------------------------------------------------------------

void begin_marker(ScanState& state, std::size_t) {
  state.ttl = Ttl::minutes_5;
}

void begin_own_marker(ScanState& state, std::size_t at) {
  state.block.has_marker_member = true;
  begin_marker(state, at);
}

void end_marker(ScanState& state, const Value& value) {
  if (value.shape == Shape::null) return;
  state.outline.anthropic.markers.push_back({state.place, state.ttl});
  state.block.markers |= static_cast<std::uint8_t>(1u << static_cast<unsigned>(state.ttl));
}

void read_ttl(ScanState& state, const Value& value) {
  state.ttl = says(state, value, "1h") ? Ttl::hour_1 : Ttl::minutes_5;
}

constexpr Rule kTtl = {.end = read_ttl};
constexpr std::array kMarkerMembers = {MemberRule{"ttl", &kTtl}};
constexpr Rule kMarker = {.members = kMarkerMembers,
                          .walk = true,
                          .left_out = true,
                          .begin = begin_marker,
                          .end = end_marker};
constexpr Rule kOwnMarker = {.members = kMarkerMembers,
                             .walk = true,
                             .left_out = true,
                             .begin = begin_own_marker,
                             .end = end_marker};

void begin_top_level_marker(ScanState& state, std::size_t at) {
  state.place = Place::top_level;
  begin_marker(state, at);
}

constexpr Rule kTopLevelMarker = {
    .members = kMarkerMembers, .walk = true, .begin = begin_top_level_marker, .end = end_marker};

// --- what blocks say -----------------------------------------------------------------------------

constexpr std::array kMarkedTypes = {
    BlockType{.name = "text", .is_text = true}, BlockType{.name = "image", .is_image = true},
    BlockType{.name = "document"}, BlockType{.name = "tool_use"}, BlockType{.name = "tool_result"}};

/// A change that loses more than the block that it is in counts as a member of that level.
void note(ScanState& state, bool& noted, SegmentKind level, std::string_view name) {
  if (noted) return;
  noted = true;
  add_to_level(state, level, name, config::xxh3_128("true"));
}

void note_image(ScanState& state) {
  note(state, state.has_image, SegmentKind::message_block, "image");
}

void read_type(ScanState& state, const Value& value) {
  read_block_type(state, value, kMarkedTypes);
  if (state.block.type != nullptr && state.block.type->is_image) note_image(state);
}

void read_nested_type(ScanState& state, const Value& value) {
  if (says(state, value, "image")) note_image(state);
}

void read_citations_enabled(ScanState& state, const Value& value) {
  const bool enabled = value.shape == Shape::boolean && state.body[value.span.begin] == 't';
  if (enabled) note(state, state.has_citations, SegmentKind::system_block, "citations");
}

void begin_source(ScanState& state, std::size_t) {
  state.text_source = false;
}

void read_source_type(ScanState& state, const Value& value) {
  std::string storage;
  const auto type = read_string(state, value, storage);
  state.text_source = type == "text" || type == "content";
}

void end_source(ScanState& state, const Value& source) {
  if (!state.text_source && source.shape == Shape::object) read_block_media(state, source);
}

constexpr Rule kType = {.end = read_type};
constexpr Rule kText = {.end = read_block_text};
constexpr Rule kNestedType = {.end = read_nested_type};
constexpr Rule kCitationsEnabled = {.end = read_citations_enabled};
constexpr std::array kCitationsMembers = {MemberRule{"enabled", &kCitationsEnabled}};
constexpr Rule kCitations = {.members = kCitationsMembers, .walk = true};
constexpr Rule kSourceType = {.end = read_source_type};
constexpr std::array kSourceMembers = {MemberRule{"type", &kSourceType}};
constexpr Rule kSource = {
    .members = kSourceMembers, .walk = true, .begin = begin_source, .end = end_source};

// --- blocks in the content of blocks -------------------------------------------------------------

void begin_nested_list(ScanState& state, std::size_t) {
  ++state.nested_lists;
}

void end_nested_list(ScanState& state, const Value&) {
  --state.nested_lists;
}

void begin_nested_block(ScanState& state, std::size_t) {
  if (state.nested_lists > kMaxNestedContent) state.stop(ScanFailure::too_deep);
}

extern const Rule kNestedBlock;
constexpr Rule kNestedList = {
    .element = &kNestedBlock, .walk = true, .begin = begin_nested_list, .end = end_nested_list};
constexpr std::array kNestedMembers = {
    MemberRule{"type", &kNestedType}, MemberRule{"cache_control", &kMarker},
    MemberRule{"content", &kNestedList}, MemberRule{"source", &kSource},
    MemberRule{"citations", &kCitations}};
constinit const Rule kNestedBlock = {
    .members = kNestedMembers, .walk = true, .begin = begin_nested_block};

// --- lists of blocks -----------------------------------------------------------------------------

void begin_list(ScanState& state, Place place, SegmentKind kind) {
  state.place = place;
  state.kind = kind;
}

void begin_tools(ScanState& state, std::size_t) {
  begin_list(state, Place::tools, SegmentKind::tool);
}

void end_tools(ScanState& state, const Value& tools) {
  expect_list(state, tools, false);
}

void read_defer_loading(ScanState& state, const Value& value) {
  state.block.deferred = value.shape == Shape::boolean && state.body[value.span.begin] == 't';
}

void end_tool(ScanState& state, const Value& tool) {
  add_block(state, tool, tool.shape == Shape::object && !tool.empty && !state.block.deferred);
}

constexpr Rule kDeferLoading = {.end = read_defer_loading};
constexpr std::array kToolMembers = {MemberRule{"cache_control", &kOwnMarker},
                                     MemberRule{"content", &kNestedList},
                                     MemberRule{"defer_loading", &kDeferLoading}};
constexpr Rule kTool = {
    .members = kToolMembers, .walk = true, .begin = begin_block, .end = end_tool};
constexpr Rule kTools = {.element = &kTool, .walk = true, .begin = begin_tools, .end = end_tools};

// --- the system prompt ---------------------------------------------------------------------------

constexpr std::string_view kBillingHeader = "x-anthropic-billing-header";
constexpr std::string_view kChecksum = "cch=";

void begin_system(ScanState& state, std::size_t at) {
  begin_list(state, Place::system, SegmentKind::system_block);
  state.item.first_segment = state.outline.segments.size();
  begin_text(state, at);
}

void read_system_text(ScanState& state, const Value& value) {
  read_block_text(state, value);
  const bool first = state.outline.segments.size() == state.item.first_segment;
  if (!first || !state.block.has_text) return;
  const auto text = raw_text(state, value.span);
  state.block.billing_header =
      text.substr(0, kBillingHeader.size()) == kBillingHeader ? value.span : Span{};
}

/// The checksum is new in each request, and is no part of what is cached: else no request of Claude
/// Code would find its prefix again.
void add_billing_header(ScanState& state, const Value& block) {
  const auto text = raw_text(state, state.block.billing_header);
  add_block(state, block, false);
  if (state.failure) return;
  state.outline.segments.back().hash = config::xxh3_128(text.substr(0, text.find(kChecksum)));
  state.outline.anthropic.billing_header = block.span;
}

void end_system_block(ScanState& state, const Value& block) {
  if (state.block.billing_header != Span{}) return add_billing_header(state, block);
  const BlockType* type = state.block.type;
  const bool text = type != nullptr && type->is_text;
  add_block(state, block, text && is_of_marked_type(state, block));
}

void end_system(ScanState& state, const Value& system) {
  state.outline.anthropic.system = system;
  if (system.shape == Shape::string) add_text(state, system, true);
}

constexpr Rule kSystemText = {.end = read_system_text};
constexpr std::array kSystemBlockMembers = {
    MemberRule{"type", &kType}, MemberRule{"text", &kSystemText},
    MemberRule{"cache_control", &kOwnMarker}, MemberRule{"content", &kNestedList},
    MemberRule{"citations", &kCitations}};
constexpr Rule kSystemBlock = {
    .members = kSystemBlockMembers, .walk = true, .begin = begin_block, .end = end_system_block};
constexpr Rule kSystem = {
    .element = &kSystemBlock, .walk = true, .begin = begin_system, .end = end_system};

// --- messages ------------------------------------------------------------------------------------

void begin_messages(ScanState& state, std::size_t) {
  begin_list(state, Place::messages, SegmentKind::message_block);
}

void end_messages(ScanState& state, const Value& messages) {
  expect_list(state, messages, false);
}

void end_block(ScanState& state, const Value& block) {
  add_block(state, block, is_of_marked_type(state, block));
}

void read_role(ScanState& state, const Value& value) {
  std::string storage;
  const auto role = read_string(state, value, storage);
  state.item.takes_markers = role == "user" || role == "assistant";
  state.item.wraps_strings = true;
}

constexpr std::array kBlockMembers = {MemberRule{"type", &kType},
                                      MemberRule{"text", &kText},
                                      MemberRule{"cache_control", &kOwnMarker},
                                      MemberRule{"content", &kNestedList},
                                      MemberRule{"source", &kSource},
                                      MemberRule{"citations", &kCitations}};
constexpr Rule kBlock = {
    .members = kBlockMembers, .walk = true, .begin = begin_block, .end = end_block};
constexpr Rule kContent = {
    .element = &kBlock, .walk = true, .begin = begin_content, .end = end_content};
constexpr Rule kRole = {.end = read_role};
constexpr std::array kMessageMembers = {MemberRule{"role", &kRole},
                                        MemberRule{"content", &kContent}};
constexpr Rule kMessage = {
    .members = kMessageMembers, .walk = true, .begin = begin_item, .end = end_item};
constexpr Rule kMessages = {
    .element = &kMessage, .walk = true, .begin = begin_messages, .end = end_messages};

// --- the root ------------------------------------------------------------------------------------

constexpr std::string_view kThreadName = "thread";
constexpr std::string_view kMcpServers = "mcp_servers";
constexpr std::string_view kSpeed = "speed";
constexpr std::string_view kFormat = "format";
constexpr std::string_view kOutputFormat = "output_format";
constexpr std::string_view kEffort = "effort";
constexpr std::string_view kToolChoice = "tool_choice";
constexpr std::string_view kThinking = "thinking";
constexpr std::string_view kContextManagement = "context_management";

void read_thread(ScanState& state, const Value& thread) {
  state.outline.anthropic.has_thread = thread.shape != Shape::null;
  kLevelRule<SegmentKind::tool, kThreadName>.end(state, thread);
}

constexpr Rule kThread = {.end = read_thread};
constexpr std::array kOutputConfigMembers = {
    MemberRule{kFormat, &kLevelRule<SegmentKind::system_block, kFormat>},
    MemberRule{kEffort, &kLevelRule<SegmentKind::message_block, kEffort>},
};
constexpr Rule kOutputConfig = {.members = kOutputConfigMembers, .walk = true};
constexpr std::array kRootMembers = {
    MemberRule{"model", &kModelRule, 0},
    MemberRule{"stream", &kStreamRule, 1},
    MemberRule{"tools", &kTools, 2},
    MemberRule{"system", &kSystem, 3},
    MemberRule{"messages", &kMessages, 4},
    MemberRule{"cache_control", &kTopLevelMarker, 5},
    MemberRule{kThreadName, &kThread, 6},
    MemberRule{kMcpServers, &kLevelRule<SegmentKind::tool, kMcpServers>},
    MemberRule{kSpeed, &kLevelRule<SegmentKind::system_block, kSpeed>},
    MemberRule{kOutputFormat, &kLevelRule<SegmentKind::system_block, kOutputFormat>},
    MemberRule{"output_config", &kOutputConfig},
    MemberRule{kToolChoice, &kLevelRule<SegmentKind::message_block, kToolChoice>},
    MemberRule{kThinking, &kLevelRule<SegmentKind::message_block, kThinking>},
    MemberRule{kContextManagement, &kLevelRule<SegmentKind::message_block, kContextManagement>},
};
constexpr Rule kRoot = {.members = kRootMembers, .walk = true, .end = end_root};

}  // namespace

const Rule& anthropic_rule() {
  return kRoot;
}

}  // namespace foreword::assembler
