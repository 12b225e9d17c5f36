// Comma-separated values as RFC 4180 writes them.
//
// Pure functions, thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace foreword::tools {

inline constexpr std::string_view kCsvLineEnd = "\r\n";

/// In quotes where it has to be: it holds a comma, a quote or a line end.
[[nodiscard]] std::string csv_field(std::string_view text);

/// A text that somebody else chose. A spreadsheet takes what begins with = + - @, a tab or a line
/// end for a formula and runs it: an apostrophe in front makes it a text. A text that begins with
/// an apostrophe gets one more, so that taking one away gives the text back.
[[nodiscard]] std::string csv_foreign_text(std::string_view text);

/// With its line end. The fields are written as they are.
[[nodiscard]] std::string csv_line(const std::vector<std::string>& fields);

}  // namespace foreword::tools
