#include "oracle/json_walk.h"

namespace foreword::oracle::json {
error_code check_start(ondemand::value& value) {
  ondemand::json_type type{};
  if (const auto error = value.type().get(type)) return error;
  if (type != ondemand::json_type::string) return simdjson::SUCCESS;
  // A token reaches to the next one, and behind the last one there is padding.
  const std::string_view token = value.raw_json_token();
  return *(token.data() + token.size()) == ':' ? simdjson::TAPE_ERROR : simdjson::SUCCESS;
}

error_code shape_of(ondemand::value& value, Shape& shape) {
  switch (value.type().value_unsafe()) {
    case ondemand::json_type::array:
      shape = Shape::array;
      return simdjson::SUCCESS;
    case ondemand::json_type::object:
      shape = Shape::object;
      return simdjson::SUCCESS;
    case ondemand::json_type::string:
      shape = Shape::string;
      return simdjson::SUCCESS;
    case ondemand::json_type::number:
      shape = Shape::number;
      return simdjson::SUCCESS;
    case ondemand::json_type::boolean:
      shape = Shape::boolean;
      return value.get_bool().error();
    case ondemand::json_type::null:
      shape = Shape::null;
      return value.is_null().error();
  }
  return simdjson::TAPE_ERROR;
}

error_code read_string(ondemand::value& value, std::string_view& text) {
  if (value.type().value_unsafe() != ondemand::json_type::string) return simdjson::SUCCESS;
  return value.get_string().get(text);
}

}  // namespace foreword::oracle::json
