// Heads of HTTP/1 messages as views into the bytes they came in.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace foreword::proxy {

/// As it came: case, order and multiplicity kept; white space around the value taken off.
struct Field {
  std::string_view name;
  std::string_view value;
};

using Fields = std::vector<Field>;

/// 10 or 11.
using HttpVersion = unsigned;

/// Views into the buffer that was parsed: valid as long as that neither moves nor dies.
struct RequestHead {
  std::string_view method;
  std::string_view target;
  HttpVersion version = 11;
  Fields fields;
};

struct ResponseHead {
  unsigned status = 0;
  std::string_view reason;
  HttpVersion version = 11;
  Fields fields;
};

/// Of two texts of one length: without regard to case, ASCII only.
[[nodiscard]] bool same_letters(std::string_view a, std::string_view b);
/// Without regard to case, ASCII only. Most names differ in their length.
[[nodiscard]] inline bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && same_letters(a, b);
}
[[nodiscard]] bool starts_with_ignoring_case(std::string_view text, std::string_view prefix);

/// The first field of that name, or nothing.
[[nodiscard]] std::optional<std::string_view> find_field(const Fields& fields,
                                                         std::string_view name);
/// Without the spaces and tabs around it.
[[nodiscard]] std::string_view trim(std::string_view text);

/// Calls visit(token) for each of the comma-separated values of all fields of that name.
template <class Visit>
void for_each_token(const Fields& fields, std::string_view name, Visit&& visit) {
  for (const auto& field : fields) {
    if (!equals_ignoring_case(field.name, name)) continue;
    for (std::string_view rest = field.value; !rest.empty();) {
      const auto comma = rest.find(',');
      visit(trim(rest.substr(0, comma)));
      rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
    }
  }
}
[[nodiscard]] bool has_token(const Fields& fields, std::string_view name, std::string_view token);

}  // namespace foreword::proxy
