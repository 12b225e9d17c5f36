#include <array>

#include "assembler/scan_rule.h"

// Members of a Gemini generateContent request. Its fields may be spelled in camelCase or
// snake_case.
namespace foreword::assembler {
namespace {

void begin_instruction(ScanState& state) {
  state.kind = SegmentKind::system_block;
}

void read_instruction_parts(ScanState& state, const Value& parts) {
  state.outline.gemini.parts = parts;
}

void end_instruction(ScanState& state, const Value& instruction) {
  state.outline.gemini.system_instruction = instruction;
}

constexpr Rule kInstructionParts = {
    .element = &kSegmentRule, .walk = true, .end = read_instruction_parts};
constexpr std::array kInstructionMembers = {MemberRule{"parts", &kInstructionParts, 16}};
constexpr Rule kInstruction = {.members = kInstructionMembers,
                               .walk = true,
                               .begin = begin_instruction,
                               .end = end_instruction};

void begin_contents(ScanState& state) {
  state.kind = SegmentKind::message_block;
}

void end_contents(ScanState& state, const Value& contents) {
  // The API takes a single content where a list is due.
  if (contents.shape != Shape::object) expect_list(state, contents, false);
}

constexpr Rule kParts = {.element = &kSegmentRule, .walk = true};
constexpr std::array kContentMembers = {MemberRule{"parts", &kParts}};
constexpr Rule kContent = {.members = kContentMembers, .walk = true};
constexpr Rule kContents = {
    .element = &kContent, .walk = true, .begin = begin_contents, .end = end_contents};

void begin_tools(ScanState& state) {
  state.kind = SegmentKind::tool;
}

void read_cached_content(ScanState& state, const Value& value) {
  state.outline.gemini.has_cached_content = value.shape != Shape::null;
}

constexpr Rule kTools = {.element = &kSegmentRule, .walk = true, .begin = begin_tools};
constexpr Rule kCachedContent = {.end = read_cached_content};
constexpr std::array kRootMembers = {
    MemberRule{"systemInstruction", &kInstruction, 0},
    MemberRule{"system_instruction", &kInstruction, 0},
    MemberRule{"contents", &kContents, 1},
    MemberRule{"tools", &kTools, 2},
    MemberRule{"cachedContent", &kCachedContent, 3},
    MemberRule{"cached_content", &kCachedContent, 3},
};
constexpr Rule kRoot = {.members = kRootMembers, .walk = true, .end = end_root};

}  // namespace

const Rule& gemini_rule() {
  return kRoot;
}

}  // namespace foreword::assembler
