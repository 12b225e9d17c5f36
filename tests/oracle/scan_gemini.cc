#include <array>

#include "oracle/scan_walk.h"

// Members of a Gemini generateContent request. Its fields may be spelled in camelCase or
// snake_case.
namespace foreword::oracle {
namespace {

using json::error_code;
using json::ondemand::value;

error_code read_parts(ScanWalk& walk, value& found, SegmentKind kind, Value& located) {
  return locate_array(walk, found, located, [&](value& part) {
    Value whole;
    const auto error = locate_whole(walk, part, whole);
    if (error == simdjson::SUCCESS)
      walk.outline.segments.push_back({.kind = kind, .span = whole.span});
    return error;
  });
}

error_code read_system_instruction(ScanWalk& walk, value& found) {
  auto& gemini = walk.outline.gemini;
  return locate_object(walk, found, gemini.system_instruction,
                       [&](std::string_view name, value& member) -> error_code {
                         if (name != "parts") return simdjson::SUCCESS;
                         if (const auto error = expect_absent(walk, gemini.parts)) return error;
                         return read_parts(walk, member, SegmentKind::system_block, gemini.parts);
                       });
}

error_code read_contents(ScanWalk& walk, value& found) {
  Value contents;
  const auto error = locate_array(walk, found, contents, [&](value& content) {
    return json::each_member_of(content, [&](std::string_view name, value& member) -> error_code {
      Value parts;
      if (name != "parts") return simdjson::SUCCESS;
      return read_parts(walk, member, SegmentKind::message_block, parts);
    });
  });
  if (error) return error;
  // The API takes a single content where a list is due.
  if (contents.shape == Shape::object) return simdjson::SUCCESS;
  return expect_list(walk, contents, false);
}

error_code read_tools(ScanWalk& walk, value& found) {
  return add_segments(walk, found, SegmentKind::tool);
}

error_code read_cached_content(ScanWalk& walk, value& found) {
  return read_given(found, walk.outline.gemini.has_cached_content);
}

constexpr std::array kMembers = {
    ScanMember{"systemInstruction", 0, read_system_instruction},
    ScanMember{"system_instruction", 0, read_system_instruction},
    ScanMember{"contents", 1, read_contents},
    ScanMember{"tools", 2, read_tools},
    ScanMember{"cachedContent", 3, read_cached_content},
    ScanMember{"cached_content", 3, read_cached_content},
};

}  // namespace

std::span<const ScanMember> gemini_members() {
  return kMembers;
}

}  // namespace foreword::oracle
