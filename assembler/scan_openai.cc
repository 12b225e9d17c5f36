#include <array>

#include "assembler/scan_rule.h"

// Members of OpenAI Chat Completions and Responses requests.
namespace foreword::assembler {
namespace {

// --- content -------------------------------------------------------------------------------------

void read_breakpoint(ScanState& state, const Value& value) {
  if (value.shape != Shape::null) ++state.outline.openai.breakpoints;
}

void end_content(ScanState& state, const Value& content) {
  if (content.shape == Shape::string) add_segment(state, content);
}

constexpr Rule kBreakpoint = {.end = read_breakpoint};
constexpr std::array kPartMembers = {MemberRule{"prompt_cache_breakpoint", &kBreakpoint}};
constexpr Rule kPart = {.members = kPartMembers, .walk = true, .end = add_segment};
constexpr Rule kContent = {.element = &kPart, .walk = true, .end = end_content};
/// A function's output may hold content parts, a computer's output is one part.
constexpr Rule kOutput = {
    .members = kPartMembers, .element = &kPart, .walk = true, .end = end_content};

// --- messages, and other items of a Responses input ----------------------------------------------

void begin_item(ScanState& state) {
  state.role = {};
}

void read_role(ScanState& state, const Value& value) {
  if (value.shape != Shape::string) return;
  state.role = {};
  for (const std::string_view role : {"system", "developer"}) {
    if (says(state, value, role)) state.role = role;
  }
}

void end_item(ScanState& state, const Value&) {
  auto& first = state.outline.openai.first_instruction_role;
  if (first.empty()) first = state.role;
}

constexpr Rule kRole = {.end = read_role};
constexpr std::array kItemMembers = {MemberRule{"role", &kRole}, MemberRule{"content", &kContent},
                                     MemberRule{"output", &kOutput}};
constexpr Rule kItem = {
    .members = kItemMembers, .walk = true, .begin = begin_item, .end = end_item};

void begin_items(ScanState& state) {
  state.kind = SegmentKind::message_block;
}

void end_messages(ScanState& state, const Value& messages) {
  state.outline.openai.messages = messages;
  expect_list(state, messages, false);
}

void end_input(ScanState& state, const Value& input) {
  state.outline.openai.input = input;
  if (input.shape == Shape::string) add_segment(state, input);
  expect_list(state, input, true);
}

constexpr Rule kMessages = {
    .element = &kItem, .walk = true, .begin = begin_items, .end = end_messages};
constexpr Rule kInput = {.element = &kItem, .walk = true, .begin = begin_items, .end = end_input};

// --- other members of the root -------------------------------------------------------------------

void read_instructions(ScanState& state, const Value& instructions) {
  state.outline.openai.instructions = instructions;
  state.kind = SegmentKind::system_block;
  if (instructions.shape == Shape::string) add_segment(state, instructions);
}

void begin_tools(ScanState& state) {
  state.kind = SegmentKind::tool;
}

void read_include_usage(ScanState& state, const Value& value) {
  state.outline.openai.include_usage = value;
}

void read_stream_options(ScanState& state, const Value& value) {
  state.outline.openai.stream_options = value;
}

/// Also null is a key: a second member of that name must not go in.
void read_cache_key(ScanState& state, const Value&) {
  state.outline.openai.has_prompt_cache_key = true;
}

void read_cache_mode(ScanState& state, const Value& value) {
  state.outline.openai.explicit_cache_mode = says(state, value, "explicit");
}

void read_continuation(ScanState& state, const Value& value) {
  if (value.shape != Shape::null) state.outline.openai.continues_stored_conversation = true;
}

constexpr Rule kInstructions = {.end = read_instructions};
constexpr Rule kTools = {.element = &kSegmentRule, .walk = true, .begin = begin_tools};
constexpr Rule kIncludeUsage = {.end = read_include_usage};
constexpr std::array kStreamOptionsMembers = {MemberRule{"include_usage", &kIncludeUsage, 16}};
constexpr Rule kStreamOptions = {
    .members = kStreamOptionsMembers, .walk = true, .end = read_stream_options};
constexpr Rule kCacheKey = {.end = read_cache_key};
constexpr Rule kCacheMode = {.end = read_cache_mode};
constexpr std::array kCacheOptionsMembers = {MemberRule{"mode", &kCacheMode}};
constexpr Rule kCacheOptions = {.members = kCacheOptionsMembers, .walk = true};
constexpr Rule kContinuation = {.end = read_continuation};

constexpr std::array kChatMembers = {
    MemberRule{"model", &kModelRule, 0},
    MemberRule{"stream", &kStreamRule, 1},
    MemberRule{"tools", &kTools, 2},
    MemberRule{"messages", &kMessages, 3},
    MemberRule{"stream_options", &kStreamOptions, 4},
    MemberRule{"prompt_cache_key", &kCacheKey, 5},
    MemberRule{"prompt_cache_options", &kCacheOptions, 6},
};
constexpr Rule kChat = {.members = kChatMembers, .walk = true, .end = end_root};

constexpr std::array kResponsesMembers = {
    MemberRule{"model", &kModelRule, 0},
    MemberRule{"stream", &kStreamRule, 1},
    MemberRule{"tools", &kTools, 2},
    MemberRule{"input", &kInput, 3},
    MemberRule{"instructions", &kInstructions, 4},
    MemberRule{"prompt_cache_key", &kCacheKey, 5},
    MemberRule{"prompt_cache_options", &kCacheOptions, 6},
    MemberRule{"previous_response_id", &kContinuation, 7},
    MemberRule{"conversation", &kContinuation, 8},
};
constexpr Rule kResponses = {.members = kResponsesMembers, .walk = true, .end = end_root};

}  // namespace

const Rule& chat_rule() {
  return kChat;
}
const Rule& responses_rule() {
  return kResponses;
}

}  // namespace foreword::assembler
