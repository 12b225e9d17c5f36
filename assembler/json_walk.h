// Small steps over simdjson On-Demand, shared by what reads JSON in this folder. Not part of the
// folder's contract: only its .cc files include it.
//
// Walks go forward only, look at each token once and allocate nothing. A walk stops at the first
// error and returns it; the document is then of no further use. What is skipped is only checked for
// brackets, so a document that a walk accepts may still hold mistakes inside of skipped values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include <simdjson.h>

namespace foreword::assembler::json {

namespace ondemand = simdjson::ondemand;
using simdjson::error_code;

/// A parser for one document at a time: the thread's own, or, for a document so large that its
/// tables should not stay in memory, one that dies with the lease.
class ParserLease {
 public:
  explicit ParserLease(std::size_t document_bytes);
  ParserLease(const ParserLease&) = delete;
  ParserLease& operator=(const ParserLease&) = delete;

  [[nodiscard]] ondemand::parser& get() { return own_ ? *own_ : shared(); }

 private:
  static ondemand::parser& shared();
  std::optional<ondemand::parser> own_;
};

inline constexpr bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

inline std::string_view trim_end(std::string_view text) {
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

/// Whether a value can be skipped as what it seems to be: skipping would take the comma in
/// {"a":,"b":1} for a value and the "b" in {"a":"b":1} for a name.
[[nodiscard]] error_code check_start(ondemand::value& value);

/// Calls visit(decoded name, value) for each member. A value that it does not consume is skipped.
/// A name that cannot be decoded (half a surrogate pair) is handed on as the empty one.
template <class Visit>
[[nodiscard]] error_code each_member(ondemand::object object, Visit&& visit) {
  for (auto found : object) {
    ondemand::field member;
    if (const auto error = std::move(found).get(member)) return error;
    std::string_view name;
    if (member.unescaped_key().get(name) != simdjson::SUCCESS) name = {};
    ondemand::value value = member.value();
    if (const auto error = check_start(value)) return error;
    if (const error_code error = visit(name, value)) return error;
  }
  return simdjson::SUCCESS;
}

/// Calls visit(value) for each element. A value that it does not consume is skipped.
template <class Visit>
[[nodiscard]] error_code each_element(ondemand::array array, Visit&& visit) {
  for (auto element : array) {
    ondemand::value value;
    if (const auto error = element.get(value)) return error;
    if (const auto error = check_start(value)) return error;
    if (const error_code error = visit(value)) return error;
  }
  return simdjson::SUCCESS;
}

/// As each_member(), for a value of any shape: one that is no object has no members.
template <class Visit>
[[nodiscard]] error_code each_member_of(ondemand::value& value, Visit&& visit) {
  ondemand::object object;
  if (value.type().value_unsafe() != ondemand::json_type::object) return simdjson::SUCCESS;
  if (const auto error = value.get_object().get(object)) return error;
  return each_member(object, std::forward<Visit>(visit));
}

/// As each_element(), for a value of any shape: one that is no array has no elements.
template <class Visit>
[[nodiscard]] error_code each_element_of(ondemand::value& value, Visit&& visit) {
  ondemand::array array;
  if (value.type().value_unsafe() != ondemand::json_type::array) return simdjson::SUCCESS;
  if (const auto error = value.get_array().get(array)) return error;
  return each_element(array, std::forward<Visit>(visit));
}

/// Whether nothing but white space is behind the root that was walked.
[[nodiscard]] inline bool at_end(ondemand::document& document) {
  return document.current_location().error() == simdjson::OUT_OF_BOUNDS;
}

/// Sets `text` if the value is a string; it is decoded and lives as long as the document.
[[nodiscard]] error_code read_string(ondemand::value& value, std::string_view& text);

/// Adds the decoded length of the value to `bytes` if it is a string; escaped if it cannot be
/// decoded.
[[nodiscard]] error_code add_text_bytes(ondemand::value& value, std::uint64_t& bytes);

/// Sets `count` if the value is a number of things: whole, not negative, at most 2^53.
[[nodiscard]] error_code read_count(ondemand::value& value, std::optional<std::uint64_t>& count);

}  // namespace foreword::assembler::json
