#include <array>

#include "oracle/scan_walk.h"

// Members of an Anthropic Messages request. Breakpoints count wherever they may stand: an
// overlooked one could make five, which is a 400.
namespace foreword::oracle {
namespace {

using json::error_code;
using json::ondemand::value;

/// Blocks nest in the content of a tool result, and no API nests them deeper than twice.
constexpr int kMaxNestedContent = 32;

error_code read_marker(ScanWalk& walk, value& found, Place place) {
  Shape shape{};
  if (const auto error = json::shape_of(found, shape)) return error;
  if (shape == Shape::null) return simdjson::SUCCESS;
  Marker marker{place, Ttl::minutes_5};
  const auto error = json::each_member_of(found, [&](std::string_view name, value& member) {
    std::string_view ttl;
    if (name != "ttl") return simdjson::SUCCESS;
    const auto failed = json::read_string(member, ttl);
    marker.ttl = ttl == "1h" ? Ttl::hour_1 : Ttl::minutes_5;
    return failed;
  });
  walk.outline.anthropic.markers.push_back(marker);
  return error;
}

/// Markers in a block's own members and in the blocks inside of its content.
error_code read_block_member(ScanWalk& walk, std::string_view name, value& found, Place place,
                             int depth) {
  if (name == "cache_control") return read_marker(walk, found, place);
  if (name != "content") return simdjson::SUCCESS;
  return json::each_element_of(found, [&](value& inner) {
    if (depth == kMaxNestedContent) return stop(walk, ScanFailure::too_deep);
    return json::each_member_of(inner, [&](std::string_view inner_name, value& member) {
      return read_block_member(walk, inner_name, member, place, depth + 1);
    });
  });
}

error_code read_block_list(ScanWalk& walk, value& found, Value& located, SegmentKind kind,
                           Place place) {
  return read_blocks(walk, found, kind, located, [&](std::string_view name, value& member) {
    return read_block_member(walk, name, member, place, 0);
  });
}

error_code read_tools(ScanWalk& walk, value& found) {
  Value tools;
  if (const auto error = read_block_list(walk, found, tools, SegmentKind::tool, Place::tools)) {
    return error;
  }
  return expect_list(walk, tools, false);
}

error_code read_system(ScanWalk& walk, value& found) {
  return read_block_list(walk, found, walk.outline.anthropic.system, SegmentKind::system_block,
                         Place::system);
}

error_code read_message_member(ScanWalk& walk, std::string_view name, value& found) {
  if (name != "content") return simdjson::SUCCESS;
  Value content;
  return read_block_list(walk, found, content, SegmentKind::message_block, Place::messages);
}

error_code read_messages(ScanWalk& walk, value& found) {
  Value messages;
  const auto error = locate_array(walk, found, messages, [&](value& message) {
    return json::each_member_of(message, [&](std::string_view name, value& member) {
      return read_message_member(walk, name, member);
    });
  });
  if (error) return error;
  return expect_list(walk, messages, false);
}

error_code read_top_level_marker(ScanWalk& walk, value& found) {
  return read_marker(walk, found, Place::top_level);
}

error_code read_thread(ScanWalk& walk, value& found) {
  return read_given(found, walk.outline.anthropic.has_thread);
}

constexpr std::array kMembers = {
    ScanMember{"model", 0, read_model},       ScanMember{"stream", 1, read_stream},
    ScanMember{"tools", 2, read_tools},       ScanMember{"system", 3, read_system},
    ScanMember{"messages", 4, read_messages}, ScanMember{"cache_control", 5, read_top_level_marker},
    ScanMember{"thread", 6, read_thread},
};

}  // namespace

std::span<const ScanMember> anthropic_members() {
  return kMembers;
}

}  // namespace foreword::oracle
