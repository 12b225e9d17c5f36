#include "oracle/scan_walk.h"

#include <algorithm>

namespace foreword::oracle {

using json::error_code;
using json::ondemand::value;

error_code locate_whole(ScanWalk& walk, value& found, Value& located) {
  return locate(walk, found, located, [&]() -> error_code {
    json::ondemand::array array;
    json::ondemand::object object;
    std::string_view text;
    if (located.shape == Shape::array) {
      if (const auto error = found.get_array().get(array)) return error;
      if (const auto error = array.raw_json().get(text)) return error;
    } else {
      if (const auto error = found.get_object().get(object)) return error;
      if (const auto error = object.raw_json().get(text)) return error;
    }
    const auto inside = std::find_if_not(text.begin() + 1, text.end(), json::is_space);
    located.empty = inside != text.end() && (*inside == ']' || *inside == '}');
    return simdjson::SUCCESS;
  });
}

error_code add_segments(ScanWalk& walk, value& found, SegmentKind kind) {
  return json::each_element_of(found, [&](value& element) {
    Value located;
    const auto error = locate_whole(walk, element, located);
    if (error == simdjson::SUCCESS)
      walk.outline.segments.push_back({.kind = kind, .span = located.span});
    return error;
  });
}

error_code expect_list(ScanWalk& walk, const Value& list, bool or_string) {
  const bool known = list.shape == Shape::array || list.shape == Shape::null ||
                     (or_string && list.shape == Shape::string);
  return known ? simdjson::SUCCESS : stop(walk, ScanFailure::unexpected_shape);
}

error_code read_model(ScanWalk& walk, value& found) {
  Shape shape{};
  if (const auto error = json::shape_of(found, shape)) return error;
  Value located;
  if (shape == Shape::string) {
    const auto error = locate(walk, found, located, [] { return simdjson::SUCCESS; });
    if (error) return error;
  }
  std::string_view name;
  if (const auto error = json::read_string(found, name)) return error;
  walk.outline.model = name;
  walk.outline.model_span = located.span;
  return simdjson::SUCCESS;
}

error_code read_stream(ScanWalk& walk, value& found) {
  if (found.type().value_unsafe() != json::ondemand::json_type::boolean) return simdjson::SUCCESS;
  return found.get_bool().get(walk.outline.stream);
}

error_code read_given(value& found, bool& flag) {
  Shape shape{};
  const auto error = json::shape_of(found, shape);
  flag = shape != Shape::null;
  return error;
}

}  // namespace foreword::oracle
