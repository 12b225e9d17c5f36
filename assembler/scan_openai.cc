#include <array>

#include "assembler/scan_segment.h"

// Members of OpenAI Chat Completions and Responses requests.
namespace foreword::assembler {
namespace {

// --- breakpoints ---------------------------------------------------------------------------------

/// Until the end of the root, where the request's own default is known.
constexpr Ttl kDefaultTtl = Ttl::minutes_5;

std::uint8_t bit(Ttl ttl) {
  return static_cast<std::uint8_t>(1u << static_cast<unsigned>(ttl));
}

void begin_breakpoint(ScanState& state, std::size_t) {
  state.ttl = kDefaultTtl;
}

void begin_own_breakpoint(ScanState& state, std::size_t at) {
  state.block.has_marker_member = true;
  begin_breakpoint(state, at);
}

void read_ttl(ScanState& state, const Value& value) {
  std::string storage;
  const auto ttl = read_string(state, value, storage);
  state.ttl = ttl == "12h" ? Ttl::hours_12 : ttl == "30m" ? Ttl::minutes_30 : kDefaultTtl;
}

void add_breakpoint(ScanState& state, const Value& value, std::uint8_t& markers) {
  if (value.shape == Shape::null) return;
  ++state.outline.openai.breakpoints;
  markers |= bit(state.ttl);
}

void end_own_breakpoint(ScanState& state, const Value& value) {
  add_breakpoint(state, value, state.block.markers);
}

void end_item_breakpoint(ScanState& state, const Value& value) {
  add_breakpoint(state, value, state.item.markers);
}

constexpr Rule kTtl = {.end = read_ttl};
constexpr std::array kBreakpointMembers = {MemberRule{"ttl", &kTtl}};
constexpr Rule kBreakpoint = {.members = kBreakpointMembers,
                              .walk = true,
                              .left_out = true,
                              .begin = begin_own_breakpoint,
                              .end = end_own_breakpoint};
constexpr Rule kItemBreakpoint = {.members = kBreakpointMembers,
                                  .walk = true,
                                  .left_out = true,
                                  .begin = begin_breakpoint,
                                  .end = end_item_breakpoint};

// --- content -------------------------------------------------------------------------------------

constexpr std::array kChatTypes = {BlockType{.name = "text", .is_text = true},
                                   BlockType{.name = "image_url"}, BlockType{.name = "input_audio"},
                                   BlockType{.name = "file"}};
constexpr std::array kResponsesTypes = {BlockType{.name = "input_text", .is_text = true},
                                        BlockType{.name = "input_image"},
                                        BlockType{.name = "input_file"}};

void read_chat_type(ScanState& state, const Value& value) {
  read_block_type(state, value, kChatTypes);
}

void read_responses_type(ScanState& state, const Value& value) {
  read_block_type(state, value, kResponsesTypes);
}

void end_part(ScanState& state, const Value& part) {
  add_block(state, part, is_of_marked_type(state, part));
}

void read_item_media(ScanState& state, const Value& value) {
  state.item.media_bytes += value.span.size();
}

constexpr Rule kChatType = {.end = read_chat_type};
constexpr Rule kResponsesType = {.end = read_responses_type};
constexpr Rule kText = {.end = read_block_text};
constexpr Rule kMedia = {.end = read_block_media};
constexpr Rule kItemMedia = {.end = read_item_media};
constexpr std::array kChatPartMembers = {
    MemberRule{"type", &kChatType},     MemberRule{"text", &kText},
    MemberRule{"image_url", &kMedia},   MemberRule{"prompt_cache_breakpoint", &kBreakpoint},
    MemberRule{"input_audio", &kMedia}, MemberRule{"file", &kMedia}};
constexpr std::array kResponsesPartMembers = {
    MemberRule{"type", &kResponsesType}, MemberRule{"text", &kText},
    MemberRule{"image_url", &kMedia}, MemberRule{"prompt_cache_breakpoint", &kBreakpoint},
    MemberRule{"file_data", &kMedia}};
constexpr Rule kChatPart = {
    .members = kChatPartMembers, .walk = true, .begin = begin_block, .end = end_part};
constexpr Rule kResponsesPart = {
    .members = kResponsesPartMembers, .walk = true, .begin = begin_block, .end = end_part};
constexpr Rule kChatContent = {
    .element = &kChatPart, .walk = true, .begin = begin_content, .end = end_content};
constexpr Rule kResponsesContent = {
    .element = &kResponsesPart, .walk = true, .begin = begin_content, .end = end_content};
/// A function's output may hold content parts, a computer's output is one part.
constexpr std::array kOutputMembers = {MemberRule{"prompt_cache_breakpoint", &kItemBreakpoint},
                                       MemberRule{"image_url", &kItemMedia}};
constexpr Rule kChatOutput = {.members = kOutputMembers,
                              .element = &kChatPart,
                              .walk = true,
                              .begin = begin_content,
                              .end = end_content};
constexpr Rule kResponsesOutput = {.members = kOutputMembers,
                                   .element = &kResponsesPart,
                                   .walk = true,
                                   .begin = begin_content,
                                   .end = end_content};

// --- messages, and other items of a Responses input ----------------------------------------------

void begin_message(ScanState& state, std::size_t at) {
  state.role = {};
  state.is_message = true;
  state.is_output = false;
  begin_item(state, at);
}

void read_role(ScanState& state, const Value& value) {
  std::string storage;
  const auto role = read_string(state, value, storage);
  state.item.takes_markers = role == "user" || role == "system" || role == "developer" ||
                             (role == "tool" && state.tools_answer);
  if (!role) return;
  state.role = role == "system" ? "system" : role == "developer" ? "developer" : "";
}

/// Of an item of a Responses input; a message need not say that it is one.
void read_item_type(ScanState& state, const Value& value) {
  std::string storage;
  const auto type = read_string(state, value, storage);
  state.is_message = type == "message";
  state.is_output = type == "function_call_output" || type == "custom_tool_call_output";
}

void read_calls(ScanState& state, const Value& value) {
  state.item.call_bytes += value.span.size();
}

void end_message(ScanState& state, const Value& message) {
  auto& first = state.outline.openai.first_instruction_role;
  if (first.empty()) first = state.role;
  end_item(state, message);
}

void end_chat_message(ScanState& state, const Value& message) {
  state.item.wraps_strings = true;
  end_message(state, message);
}

/// An output that is a string stays one: only messages are known to take either form.
void end_responses_item(ScanState& state, const Value& item) {
  state.item.wraps_strings = state.is_message;
  state.item.takes_markers = state.is_message ? state.item.takes_markers : state.is_output;
  end_message(state, item);
}

constexpr Rule kRole = {.end = read_role};
constexpr Rule kItemType = {.end = read_item_type};
constexpr Rule kCalls = {.end = read_calls};
constexpr std::array kChatMessageMembers = {
    MemberRule{"role", &kRole}, MemberRule{"content", &kChatContent},
    MemberRule{"tool_calls", &kCalls}, MemberRule{"output", &kChatOutput}};
constexpr std::array kResponsesItemMembers = {
    MemberRule{"role", &kRole}, MemberRule{"type", &kItemType},
    MemberRule{"content", &kResponsesContent}, MemberRule{"output", &kResponsesOutput}};
constexpr Rule kChatMessage = {
    .members = kChatMessageMembers, .walk = true, .begin = begin_message, .end = end_chat_message};
constexpr Rule kResponsesItem = {.members = kResponsesItemMembers,
                                 .walk = true,
                                 .begin = begin_message,
                                 .end = end_responses_item};

void begin_messages(ScanState& state, std::size_t) {
  state.kind = SegmentKind::message_block;
  state.tools_answer = true;
}

void end_messages(ScanState& state, const Value& messages) {
  state.outline.openai.messages = messages;
  expect_list(state, messages, false);
}

void begin_input(ScanState& state, std::size_t at) {
  state.kind = SegmentKind::message_block;
  begin_text(state, at);
}

void end_input(ScanState& state, const Value& input) {
  state.outline.openai.input = input;
  if (input.shape == Shape::string) add_text(state, input, true);
  expect_list(state, input, true);
}

constexpr Rule kMessages = {
    .element = &kChatMessage, .walk = true, .begin = begin_messages, .end = end_messages};
constexpr Rule kInput = {
    .element = &kResponsesItem, .walk = true, .begin = begin_input, .end = end_input};

// --- other members of the root -------------------------------------------------------------------

// Names of what belongs to a level: here all to the first one.
constexpr std::string_view kInstructionsName = "instructions";
constexpr std::string_view kCacheKeyName = "prompt_cache_key";
constexpr std::string_view kPreviousResponse = "previous_response_id";
constexpr std::string_view kConversation = "conversation";
constexpr std::string_view kParallelToolCalls = "parallel_tool_calls";
constexpr std::string_view kServiceTier = "service_tier";
constexpr std::string_view kResponseFormat = "response_format";
constexpr std::string_view kReasoningEffort = "reasoning_effort";
constexpr std::string_view kVerbosity = "verbosity";
constexpr std::string_view kFunctions = "functions";
constexpr std::string_view kWebSearchOptions = "web_search_options";
constexpr std::string_view kPrompt = "prompt";
constexpr std::string_view kEffort = "effort";
constexpr std::string_view kFormat = "format";

template <const std::string_view& name>
constexpr const Rule* kOfTools = &kLevelRule<SegmentKind::tool, name>;

void begin_instructions(ScanState& state, std::size_t at) {
  state.kind = SegmentKind::system_block;
  begin_text(state, at);
}

void read_instructions(ScanState& state, const Value& instructions) {
  state.outline.openai.instructions = instructions;
  if (instructions.shape == Shape::string) return add_text(state, instructions, false);
  kLevelRule<SegmentKind::system_block, kInstructionsName>.end(state, instructions);
}

void begin_tools(ScanState& state, std::size_t) {
  state.kind = SegmentKind::tool;
}

void read_include_usage(ScanState& state, const Value& value) {
  state.outline.openai.include_usage = value;
}

void read_stream_options(ScanState& state, const Value& value) {
  state.outline.openai.stream_options = value;
}

/// Also null is a key: a second member of that name must not go in.
void read_cache_key(ScanState& state, const Value& value) {
  state.outline.openai.has_prompt_cache_key = true;
  kOfTools<kCacheKeyName>->end(state, value);
}

/// Also null: as for the key.
void read_cache_options(ScanState& state, const Value&) {
  state.outline.openai.has_cache_options = true;
}

void read_cache_ttl(ScanState& state, const Value& value) {
  state.outline.openai.keeps_12h = says(state, value, "12h");
}

void read_cache_retention(ScanState& state, const Value& value) {
  state.outline.openai.has_cache_retention = value.shape != Shape::null;
}

void read_cache_mode(ScanState& state, const Value& value) {
  state.outline.openai.explicit_cache_mode = says(state, value, "explicit");
}

/// What is in front of the prompt then is unknown.
template <const std::string_view& name>
void read_continuation(ScanState& state, const Value& value) {
  if (value.shape != Shape::null) state.outline.openai.continues_stored_conversation = true;
  kOfTools<name>->end(state, value);
}

/// Breakpoints without a time of their own have the request's.
void end_openai_root(ScanState& state, const Value& root) {
  const auto& openai = state.outline.openai;
  end_root(state, root);
  if (openai.breakpoints == 0) return;
  const auto usual = bit(openai.keeps_12h ? Ttl::hours_12 : Ttl::minutes_30);
  for (Segment& segment : state.outline.segments) {
    if (!segment.carries(kDefaultTtl)) continue;
    segment.markers = static_cast<std::uint8_t>((segment.markers & ~bit(kDefaultTtl)) | usual);
  }
}

constexpr Rule kInstructions = {.begin = begin_instructions, .end = read_instructions};
constexpr Rule kTools = {.element = &kPlainBlockRule, .walk = true, .begin = begin_tools};
constexpr Rule kIncludeUsage = {.end = read_include_usage};
constexpr std::array kStreamOptionsMembers = {MemberRule{"include_usage", &kIncludeUsage, 16}};
constexpr Rule kStreamOptions = {
    .members = kStreamOptionsMembers, .walk = true, .end = read_stream_options};
constexpr Rule kCacheKey = {.end = read_cache_key};
constexpr Rule kCacheMode = {.end = read_cache_mode};
constexpr Rule kCacheTtl = {.end = read_cache_ttl};
constexpr Rule kCacheRetention = {.end = read_cache_retention};
constexpr std::array kCacheOptionsMembers = {MemberRule{"mode", &kCacheMode},
                                             MemberRule{"ttl", &kCacheTtl}};
constexpr Rule kCacheOptions = {
    .members = kCacheOptionsMembers, .walk = true, .end = read_cache_options};
constexpr Rule kPreviousResponseRule = {.end = read_continuation<kPreviousResponse>};
constexpr Rule kConversationRule = {.end = read_continuation<kConversation>};

constexpr std::array kChatMembers = {
    MemberRule{"model", &kModelRule, 0},
    MemberRule{"stream", &kStreamRule, 1},
    MemberRule{"tools", &kTools, 2},
    MemberRule{"messages", &kMessages, 3},
    MemberRule{"stream_options", &kStreamOptions, 4},
    MemberRule{kCacheKeyName, &kCacheKey, 5},
    MemberRule{"prompt_cache_options", &kCacheOptions, 6},
    MemberRule{"prompt_cache_retention", &kCacheRetention, 7},
    MemberRule{kParallelToolCalls, kOfTools<kParallelToolCalls>},
    MemberRule{kServiceTier, kOfTools<kServiceTier>},
    MemberRule{kResponseFormat, kOfTools<kResponseFormat>},
    MemberRule{kReasoningEffort, kOfTools<kReasoningEffort>},
    MemberRule{kVerbosity, kOfTools<kVerbosity>},
    MemberRule{kFunctions, kOfTools<kFunctions>},
    MemberRule{kWebSearchOptions, kOfTools<kWebSearchOptions>},
};
constexpr Rule kChat = {.members = kChatMembers, .walk = true, .end = end_openai_root};

constexpr std::array kReasoningMembers = {MemberRule{kEffort, kOfTools<kEffort>}};
constexpr Rule kReasoning = {.members = kReasoningMembers, .walk = true};
constexpr std::array kTextMembers = {MemberRule{kFormat, kOfTools<kFormat>},
                                     MemberRule{kVerbosity, kOfTools<kVerbosity>}};
constexpr Rule kTextOptions = {.members = kTextMembers, .walk = true};
constexpr std::array kResponsesMembers = {
    MemberRule{"model", &kModelRule, 0},
    MemberRule{"stream", &kStreamRule, 1},
    MemberRule{"tools", &kTools, 2},
    MemberRule{"input", &kInput, 3},
    MemberRule{kInstructionsName, &kInstructions, 4},
    MemberRule{kCacheKeyName, &kCacheKey, 5},
    MemberRule{"prompt_cache_options", &kCacheOptions, 6},
    MemberRule{kPreviousResponse, &kPreviousResponseRule, 7},
    MemberRule{kConversation, &kConversationRule, 8},
    MemberRule{"prompt_cache_retention", &kCacheRetention, 9},
    MemberRule{kParallelToolCalls, kOfTools<kParallelToolCalls>},
    MemberRule{kServiceTier, kOfTools<kServiceTier>},
    MemberRule{kPrompt, kOfTools<kPrompt>},
    MemberRule{"reasoning", &kReasoning},
    MemberRule{"text", &kTextOptions},
};
constexpr Rule kResponses = {.members = kResponsesMembers, .walk = true, .end = end_openai_root};

}  // namespace

const Rule& chat_rule() {
  return kChat;
}
const Rule& responses_rule() {
  return kResponses;
}

}  // namespace foreword::assembler
