// Heads of HTTP/1 messages as views into the bytes they came in.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

namespace foreword::proxy {

/// The fields that this proxy itself looks at or writes. Told once, when a field is read, so that
/// nobody compares names afterwards.
enum class FieldName : std::uint8_t {
  other,
  accept_encoding,
  anthropic_version,
  api_key,
  authorization,
  connection,
  content_encoding,
  content_length,
  content_type,
  expect,
  host,
  keep_alive,
  proxy_authorization,
  proxy_connection,
  retry_after,
  te,
  traceparent,
  tracestate,
  trailer,
  transfer_encoding,
  upgrade,
  x_api_key,
  x_foreword_kb,
  x_foreword_label,
  x_foreword_mode,
  x_foreword_other,  // any other field meant for this proxy
  x_goog_api_key,
};
/// `name` consists of characters that a name may have.
[[nodiscard]] FieldName field_name(std::string_view name);

/// Some of the known names.
class FieldNames {
 public:
  constexpr FieldNames(std::initializer_list<FieldName> names) {
    for (const auto name : names) bits_ |= bit(name);
  }
  [[nodiscard]] constexpr bool has(FieldName name) const { return (bits_ & bit(name)) != 0; }

 private:
  static constexpr std::uint32_t bit(FieldName name) {
    return std::uint32_t{1} << static_cast<unsigned>(name);
  }
  std::uint32_t bits_ = 0;
};

/// As it came: case, order and multiplicity kept; white space around the value taken off.
struct Field {
  Field(std::string_view n, std::string_view v) : name(n), value(v), known(field_name(n)) {}

  /// "name: value", with the line's end. REQUIRES: whole_line.
  [[nodiscard]] std::string_view line() const {
    return std::string_view(name.data(), name.size() + 2 + value.size() + 2);
  }

  std::string_view name;
  std::string_view value;
  FieldName known;
  /// Around name and value lies nothing but one blank and the line's end: both views are parts of
  /// line().
  bool whole_line = false;
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
  /// A field's value went on in the next line, which nobody sends any more: to be refused.
  bool folded = false;
};

struct ResponseHead {
  unsigned status = 0;
  std::string_view reason;
  HttpVersion version = 11;
  Fields fields;
  bool folded = false;
};

/// Of two texts of one length: without regard to case, ASCII only.
[[nodiscard]] bool same_letters(std::string_view a, std::string_view b);
/// Without regard to case, ASCII only. Most names differ in their length.
[[nodiscard]] inline bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && same_letters(a, b);
}
[[nodiscard]] bool starts_with_ignoring_case(std::string_view text, std::string_view prefix);

/// The first field of that name, or nothing.
[[nodiscard]] std::optional<std::string_view> find_field(const Fields& fields, FieldName name);
/// Without the spaces and tabs around it.
[[nodiscard]] std::string_view trim(std::string_view text);

/// Calls visit(token) for each of the comma-separated values of all fields of that name.
template <class Visit>
void for_each_token(const Fields& fields, FieldName name, Visit&& visit) {
  for (const auto& field : fields) {
    if (field.known != name) continue;
    for (std::string_view rest = field.value; !rest.empty();) {
      const auto comma = rest.find(',');
      visit(trim(rest.substr(0, comma)));
      rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
    }
  }
}
[[nodiscard]] bool has_token(const Fields& fields, FieldName name, std::string_view token);

}  // namespace foreword::proxy
