#include "simulator/json.h"

namespace foreword::simulator {

std::optional<json::value> parse_json(std::string_view body) {
  json::parse_options options;
  options.max_depth = 512;  // tool schemas nest deeper than the library's 32
  boost::system::error_code error;
  // One arena per body: its many small nodes are freed at once.
  json::value value = json::parse(json::string_view(body.data(), body.size()), error,
                                  json::make_shared_resource<json::monotonic_resource>(), options);
  if (error) return std::nullopt;
  return value;
}

const json::value* member(const json::value& value, std::string_view name) {
  const json::object* object = value.if_object();
  if (object == nullptr) return nullptr;
  const json::value* found = object->if_contains(json::string_view(name.data(), name.size()));
  return found == nullptr || found->is_null() ? nullptr : found;
}

const json::value* member(const json::value& value, std::string_view name,
                          std::string_view other_name) {
  const json::value* found = member(value, name);
  return found != nullptr ? found : member(value, other_name);
}

std::string_view text_member(const json::value& value, std::string_view name) {
  const json::value* found = member(value, name);
  if (found == nullptr || !found->is_string()) return {};
  return {found->get_string().data(), found->get_string().size()};
}

const json::array* array_member(const json::value& value, std::string_view name) {
  const json::value* found = member(value, name);
  return found == nullptr ? nullptr : found->if_array();
}

std::optional<std::int64_t> number_member(const json::value& value, std::string_view name) {
  const json::value* found = member(value, name);
  if (found == nullptr || !found->is_number()) return std::nullopt;
  boost::system::error_code error;
  const auto number = found->to_number<std::int64_t>(error);
  if (error) return std::nullopt;
  return number;
}

bool is_true(const json::value& value, std::string_view name) {
  const json::value* found = member(value, name);
  return found != nullptr && found->is_bool() && found->get_bool();
}

std::string member_bytes(const json::value& value, std::string_view name) {
  const json::value* found = member(value, name);
  return found == nullptr ? std::string() : json::serialize(*found);
}

}  // namespace foreword::simulator
