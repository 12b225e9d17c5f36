// Small readers over Boost.JSON for bodies that come from outside: any shape may turn up anywhere,
// so each reader has an answer for a value that is missing or of another kind.
//
// Views and pointers point into the value that was given. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json.hpp>
#include <boost/system/result.hpp>

namespace foreword::simulator {

namespace json = boost::json;

/// The value of a body, or nothing if it is no JSON.
[[nodiscard]] std::optional<json::value> parse_json(std::string_view body);

/// The member of that name; nullptr if `value` is no object, has no such member, or it is null.
[[nodiscard]] const json::value* member(const json::value& value, std::string_view name);
/// The first of two spellings that is there.
[[nodiscard]] const json::value* member(const json::value& value, std::string_view name,
                                        std::string_view other_name);
/// The member if it is of that kind; "" / nullptr / nothing else.
[[nodiscard]] std::string_view text_member(const json::value& value, std::string_view name);
[[nodiscard]] const json::array* array_member(const json::value& value, std::string_view name);
[[nodiscard]] std::optional<std::int64_t> number_member(const json::value& value,
                                                        std::string_view name);
[[nodiscard]] bool is_true(const json::value& value, std::string_view name);

/// The member serialised, or "" if it is missing: what a cache key mixes in for a setting.
[[nodiscard]] std::string member_bytes(const json::value& value, std::string_view name);

}  // namespace foreword::simulator
