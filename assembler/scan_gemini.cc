#include <array>

#include "assembler/scan_segment.h"

// Members of a Gemini generateContent request. Its fields may be spelled in camelCase or
// snake_case.
namespace foreword::assembler {
namespace {

// --- parts: no marker can stand on one -----------------------------------------------------------

void end_part(ScanState& state, const Value& part) {
  add_block(state, part, false);
}

constexpr Rule kText = {.end = read_block_text};
constexpr Rule kMedia = {.end = read_block_media};
constexpr std::array kPartMembers = {MemberRule{"text", &kText}, MemberRule{"inlineData", &kMedia},
                                     MemberRule{"inline_data", &kMedia}};
constexpr Rule kPart = {
    .members = kPartMembers, .walk = true, .begin = begin_block, .end = end_part};

// --- the system instruction ----------------------------------------------------------------------

constexpr std::string_view kInstructionName = "systemInstruction";

void begin_instruction(ScanState& state, std::size_t at) {
  state.kind = SegmentKind::system_block;
  begin_item(state, at);
}

void end_instruction_parts(ScanState& state, const Value& parts) {
  state.outline.gemini.parts = parts;
  if (parts.shape == Shape::array) state.hash.begin(parts.span.end);
}

/// What is around its parts belongs to the level, so that it counts also where there are none.
void end_instruction(ScanState& state, const Value& instruction) {
  state.outline.gemini.system_instruction = instruction;
  const auto around = end_around(state, instruction);
  if (instruction.shape == Shape::null) return;
  add_to_level(state, SegmentKind::system_block, kInstructionName, around);
}

constexpr Rule kInstructionParts = {
    .element = &kPart, .walk = true, .begin = begin_content, .end = end_instruction_parts};
constexpr std::array kInstructionMembers = {MemberRule{"parts", &kInstructionParts, 16}};
constexpr Rule kInstruction = {.members = kInstructionMembers,
                               .walk = true,
                               .begin = begin_instruction,
                               .end = end_instruction};

// --- contents ------------------------------------------------------------------------------------

/// The API takes a single content where a list is due.
void begin_contents(ScanState& state, std::size_t at) {
  state.kind = SegmentKind::message_block;
  if (state.body[at] == '{') begin_item(state, at);
}

void end_contents(ScanState& state, const Value& contents) {
  if (contents.shape == Shape::object) return end_item(state, contents);
  expect_list(state, contents, false);
}

void end_parts(ScanState& state, const Value& parts) {
  if (parts.shape == Shape::array) state.hash.begin(parts.span.end);
}

constexpr Rule kParts = {.element = &kPart, .walk = true, .begin = begin_content, .end = end_parts};
constexpr std::array kContentMembers = {MemberRule{"parts", &kParts}};
constexpr Rule kContent = {
    .members = kContentMembers, .walk = true, .begin = begin_item, .end = end_item};
constexpr Rule kContents = {.members = kContentMembers,
                            .element = &kContent,
                            .walk = true,
                            .begin = begin_contents,
                            .end = end_contents};

// --- the root ------------------------------------------------------------------------------------

constexpr std::string_view kCachedContentName = "cachedContent";
constexpr std::string_view kToolConfig = "toolConfig";

void begin_tools(ScanState& state, std::size_t) {
  state.kind = SegmentKind::tool;
}

void read_cached_content(ScanState& state, const Value& value) {
  state.outline.gemini.has_cached_content = value.shape != Shape::null;
  kLevelRule<SegmentKind::tool, kCachedContentName>.end(state, value);
}

constexpr Rule kTools = {.element = &kPlainBlockRule, .walk = true, .begin = begin_tools};
constexpr Rule kCachedContent = {.end = read_cached_content};
constexpr std::array kRootMembers = {
    MemberRule{kInstructionName, &kInstruction, 0},
    MemberRule{"system_instruction", &kInstruction, 0},
    MemberRule{"contents", &kContents, 1},
    MemberRule{"tools", &kTools, 2},
    MemberRule{kCachedContentName, &kCachedContent, 3},
    MemberRule{"cached_content", &kCachedContent, 3},
    MemberRule{kToolConfig, &kLevelRule<SegmentKind::tool, kToolConfig>},
    MemberRule{"tool_config", &kLevelRule<SegmentKind::tool, kToolConfig>},
};
constexpr Rule kRoot = {.members = kRootMembers, .walk = true, .end = end_root};

}  // namespace

const Rule& gemini_rule() {
  return kRoot;
}

}  // namespace foreword::assembler
