// What the oracle's scanners of the three providers share: the state of one scan and its steps.
//
// A step returns an error to stop the scan; stop() says which failure it stands for, anything else
// means malformed JSON.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "assembler/scan.h"
#include "oracle/json_walk.h"

namespace foreword::oracle {

using assembler::Marker;
using assembler::Outline;
using assembler::Place;
using assembler::ScanFailure;
using assembler::ScanResult;
using assembler::Segment;
using assembler::SegmentKind;
using assembler::Shape;
using assembler::Ttl;
using assembler::Value;

struct ScanWalk {
  const char* body = nullptr;
  Outline outline;
  std::optional<ScanFailure> failure;
  /// One bit per slot of the members that have been met.
  unsigned seen = 0;
};

/// A member of the root that matters. Two names of one thing (Gemini's spellings) share a slot:
/// either of them twice, or both, is a duplicate.
struct ScanMember {
  std::string_view name;
  unsigned slot;
  json::error_code (*read)(ScanWalk&, json::ondemand::value&);
};

[[nodiscard]] std::span<const ScanMember> anthropic_members();
[[nodiscard]] std::span<const ScanMember> chat_members();
[[nodiscard]] std::span<const ScanMember> responses_members();
[[nodiscard]] std::span<const ScanMember> gemini_members();

/// Stops the scan for a reason of ours; the code it returns is only a signal.
[[nodiscard]] inline json::error_code stop(ScanWalk& walk, ScanFailure failure) {
  walk.failure = failure;
  return simdjson::INCORRECT_TYPE;
}

/// For a member inside of the root's members that must not occur twice.
[[nodiscard]] inline json::error_code expect_absent(ScanWalk& walk, const Value& value) {
  return value.present() ? stop(walk, ScanFailure::duplicate_member) : simdjson::SUCCESS;
}

[[nodiscard]] inline std::size_t offset_of(const ScanWalk& walk, const char* place) {
  return static_cast<std::size_t>(place - walk.body);
}

/// Sets `located` to a value and its place; calls visit_inside() while standing before the inside
/// of an array or object. It may walk in; what it leaves is skipped.
template <class Visit>
[[nodiscard]] json::error_code locate(ScanWalk& walk, json::ondemand::value& value, Value& located,
                                      Visit&& visit_inside) {
  const std::string_view token = value.raw_json_token();
  located.span.begin = offset_of(walk, token.data());
  if (const auto error = json::shape_of(value, located.shape)) return error;
  if (located.shape != Shape::array && located.shape != Shape::object) {
    located.span.end = located.span.begin + json::trim_end(token).size();
    located.empty = located.shape == Shape::string && located.span.size() == 2;
    return simdjson::SUCCESS;
  }
  located.empty = true;
  if (const json::error_code error = visit_inside()) return error;
  const char* next = nullptr;
  if (const auto error = value.current_location().get(next)) return error;
  // Behind the last token simdjson begins again at the first: only brackets that do not match lead
  // there.
  if (next <= token.data()) return simdjson::TAPE_ERROR;
  const std::string_view behind(token.data(), static_cast<std::size_t>(next - token.data()));
  located.span.end = located.span.begin + json::trim_end(behind).size();
  return simdjson::SUCCESS;
}

/// As locate(); calls visit(name, member) for each member if the value is an object, and walks over
/// the elements if it is an array.
template <class Visit>
[[nodiscard]] json::error_code locate_object(ScanWalk& walk, json::ondemand::value& value,
                                             Value& located, Visit&& visit) {
  return locate(walk, value, located, [&]() -> json::error_code {
    if (located.shape == Shape::object) {
      return json::each_member_of(value, [&](std::string_view name, json::ondemand::value& member) {
        located.empty = false;
        return visit(name, member);
      });
    }
    return json::each_element_of(value, [&](json::ondemand::value&) {
      located.empty = false;
      return simdjson::SUCCESS;
    });
  });
}

/// As locate(); calls visit(element) for each element if the value is an array, and walks over the
/// members if it is an object.
template <class Visit>
[[nodiscard]] json::error_code locate_array(ScanWalk& walk, json::ondemand::value& value,
                                            Value& located, Visit&& visit) {
  return locate(walk, value, located, [&]() -> json::error_code {
    if (located.shape == Shape::array) {
      return json::each_element_of(value, [&](json::ondemand::value& element) {
        located.empty = false;
        return visit(element);
      });
    }
    return json::each_member_of(value, [&](std::string_view, json::ondemand::value&) {
      located.empty = false;
      return simdjson::SUCCESS;
    });
  });
}

/// Where a value of any shape lies; its inside is skipped.
[[nodiscard]] json::error_code locate_whole(ScanWalk& walk, json::ondemand::value& value,
                                            Value& located);

/// The elements of an array become segments; any other shape has none.
[[nodiscard]] json::error_code add_segments(ScanWalk& walk, json::ondemand::value& value,
                                            SegmentKind kind);

/// A string becomes one segment, an array as many as it has elements.
/// visit_block(block's member name, value) looks into blocks that are objects.
template <class Visit>
[[nodiscard]] json::error_code read_blocks(ScanWalk& walk, json::ondemand::value& value,
                                           SegmentKind kind, Value& located, Visit&& visit_block) {
  const auto error = locate_array(walk, value, located, [&](json::ondemand::value& element) {
    Value block;
    const auto failed = locate_object(walk, element, block, visit_block);
    if (failed == simdjson::SUCCESS)
      walk.outline.segments.push_back({.kind = kind, .span = block.span});
    return failed;
  });
  if (error) return error;
  if (located.shape == Shape::string)
    walk.outline.segments.push_back({.kind = kind, .span = located.span});
  return simdjson::SUCCESS;
}

/// Stops the scan unless a member that holds segments is an array, null, or also a string.
[[nodiscard]] json::error_code expect_list(ScanWalk& walk, const Value& list, bool or_string);

/// `model` and `stream`, the same for two providers. Other shapes count as absent.
[[nodiscard]] json::error_code read_model(ScanWalk& walk, json::ondemand::value& value);
[[nodiscard]] json::error_code read_stream(ScanWalk& walk, json::ondemand::value& value);

/// Sets `flag` unless the value is null: how SDKs spell "not given".
[[nodiscard]] json::error_code read_given(json::ondemand::value& value, bool& flag);

}  // namespace foreword::oracle
