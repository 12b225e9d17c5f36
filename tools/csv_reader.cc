#include "tools/csv_reader.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include <csv.h>
#include <fmt/format.h>

namespace foreword::tools {
namespace {

struct Reading {
  std::vector<CsvRow> rows;
  CsvRow row;
};

void take_field(void* text, std::size_t bytes, void* reading) {
  static_cast<Reading*>(reading)->row.emplace_back(static_cast<const char*>(text), bytes);
}

void take_row(int, void* reading) {
  auto& state = *static_cast<Reading*>(reading);
  state.rows.push_back(std::exchange(state.row, {}));
}

/// The parser's memory.
class Parser {
 public:
  Parser() { csv_init(&parser_, CSV_STRICT | CSV_STRICT_FINI); }
  ~Parser() { csv_free(&parser_); }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  /// How much of `text` was right.
  std::size_t parse(std::string_view text, Reading& reading) {
    return csv_parse(&parser_, text.data(), text.size(), take_field, take_row, &reading);
  }
  bool finish(Reading& reading) { return csv_fini(&parser_, take_field, take_row, &reading) == 0; }

 private:
  csv_parser parser_{};
};

}  // namespace

config::Result<std::vector<CsvRow>> read_csv(std::string_view text) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  Reading reading;
  Parser parser;
  const auto right = parser.parse(text, reading);
  if (right != text.size() || !parser.finish(reading)) {
    const auto line = 1 + std::ranges::count(text.substr(0, right), '\n');
    return config::Error{fmt::format("it is no CSV: a quote does not match in line {}", line)};
  }
  return std::move(reading.rows);
}

}  // namespace foreword::tools
