#include <array>

#include "oracle/scan_walk.h"

// Members of OpenAI Chat Completions and Responses requests.
namespace foreword::oracle {
namespace {

using json::error_code;
using json::ondemand::value;

error_code read_part_member(ScanWalk& walk, std::string_view name, value& found) {
  if (name != "prompt_cache_breakpoint") return simdjson::SUCCESS;
  bool given = false;
  const auto error = read_given(found, given);
  if (given) ++walk.outline.openai.breakpoints;
  return error;
}

/// A message, or another item of a Responses input. A function's output may hold content parts, a
/// computer's output is one part.
error_code read_item_member(ScanWalk& walk, std::string_view name, value& found,
                            std::string_view& role) {
  const auto visit_part = [&](std::string_view part_name, value& member) {
    return read_part_member(walk, part_name, member);
  };
  if (name == "role") return json::read_string(found, role);
  if (name == "output" && found.type().value_unsafe() == json::ondemand::json_type::object) {
    return json::each_member_of(found, visit_part);
  }
  if (name != "content" && name != "output") return simdjson::SUCCESS;
  Value located;
  return read_blocks(walk, found, SegmentKind::message_block, located, visit_part);
}

error_code read_item(ScanWalk& walk, value& item) {
  std::string_view role;
  const auto error = json::each_member_of(item, [&](std::string_view name, value& member) {
    return read_item_member(walk, name, member, role);
  });
  auto& first = walk.outline.openai.first_instruction_role;
  if (first.empty() && (role == "system" || role == "developer")) first = role;
  return error;
}

error_code read_items(ScanWalk& walk, value& found, Value& located) {
  return locate_array(walk, found, located, [&](value& item) { return read_item(walk, item); });
}

error_code read_messages(ScanWalk& walk, value& found) {
  auto& messages = walk.outline.openai.messages;
  if (const auto error = read_items(walk, found, messages)) return error;
  return expect_list(walk, messages, false);
}

error_code read_input(ScanWalk& walk, value& found) {
  auto& input = walk.outline.openai.input;
  if (const auto error = read_items(walk, found, input)) return error;
  if (input.shape == Shape::string) {
    walk.outline.segments.push_back({.kind = SegmentKind::message_block, .span = input.span});
  }
  return expect_list(walk, input, true);
}

error_code read_instructions(ScanWalk& walk, value& found) {
  auto& instructions = walk.outline.openai.instructions;
  if (const auto error = locate_whole(walk, found, instructions)) return error;
  if (instructions.shape == Shape::string) {
    walk.outline.segments.push_back({.kind = SegmentKind::system_block, .span = instructions.span});
  }
  return simdjson::SUCCESS;
}

error_code read_tools(ScanWalk& walk, value& found) {
  return add_segments(walk, found, SegmentKind::tool);
}

error_code read_stream_options(ScanWalk& walk, value& found) {
  auto& openai = walk.outline.openai;
  return locate_object(walk, found, openai.stream_options,
                       [&](std::string_view name, value& member) -> error_code {
                         if (name != "include_usage") return simdjson::SUCCESS;
                         if (const auto error = expect_absent(walk, openai.include_usage)) {
                           return error;
                         }
                         return locate_whole(walk, member, openai.include_usage);
                       });
}

/// Also null is a key: a second member of that name must not go in.
error_code read_cache_key(ScanWalk& walk, value&) {
  walk.outline.openai.has_prompt_cache_key = true;
  return simdjson::SUCCESS;
}

error_code read_cache_options(ScanWalk& walk, value& found) {
  walk.outline.openai.has_cache_options = true;
  return json::each_member_of(found, [&](std::string_view name, value& member) {
    std::string_view mode;
    if (name != "mode") return simdjson::SUCCESS;
    const auto error = json::read_string(member, mode);
    walk.outline.openai.explicit_cache_mode = mode == "explicit";
    return error;
  });
}

error_code read_continuation(ScanWalk& walk, value& found) {
  bool given = false;
  const auto error = read_given(found, given);
  if (given) walk.outline.openai.continues_stored_conversation = true;
  return error;
}

/// scan_segments.cc reads it: here it only may not be there twice.
error_code pass_over(ScanWalk&, value&) {
  return simdjson::SUCCESS;
}

constexpr std::array kChatMembers = {
    ScanMember{"model", 0, read_model},
    ScanMember{"stream", 1, read_stream},
    ScanMember{"tools", 2, read_tools},
    ScanMember{"messages", 3, read_messages},
    ScanMember{"stream_options", 4, read_stream_options},
    ScanMember{"prompt_cache_key", 5, read_cache_key},
    ScanMember{"prompt_cache_options", 6, read_cache_options},
    ScanMember{"prompt_cache_retention", 7, pass_over},
};

constexpr std::array kResponsesMembers = {
    ScanMember{"model", 0, read_model},
    ScanMember{"stream", 1, read_stream},
    ScanMember{"tools", 2, read_tools},
    ScanMember{"input", 3, read_input},
    ScanMember{"instructions", 4, read_instructions},
    ScanMember{"prompt_cache_key", 5, read_cache_key},
    ScanMember{"prompt_cache_options", 6, read_cache_options},
    ScanMember{"previous_response_id", 7, read_continuation},
    ScanMember{"conversation", 8, read_continuation},
    ScanMember{"prompt_cache_retention", 9, pass_over},
};

}  // namespace

std::span<const ScanMember> chat_members() {
  return kChatMembers;
}
std::span<const ScanMember> responses_members() {
  return kResponsesMembers;
}

}  // namespace foreword::oracle
