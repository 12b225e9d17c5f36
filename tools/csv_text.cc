#include "tools/csv_text.h"

namespace foreword::tools {

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  quoted += '"';
  return quoted;
}

std::string csv_foreign_text(std::string_view text) {
  constexpr std::string_view kDangerous = "=+-@'\t\r\n";
  const bool dangerous = !text.empty() && kDangerous.find(text.front()) != std::string_view::npos;
  return csv_field(dangerous ? "'" + std::string(text) : std::string(text));
}

std::string csv_line(const std::vector<std::string>& fields) {
  std::string line;
  for (const auto& field : fields) {
    if (&field != &fields.front()) line += ',';
    line += field;
  }
  line += kCsvLineEnd;
  return line;
}

}  // namespace foreword::tools
