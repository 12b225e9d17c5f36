#include "tools/documents/plain_text.h"

#include <cerrno>
#include <utility>

#include <boost/json/basic_parser_impl.hpp>
#include <fmt/format.h>
#include <iconv.h>

#include "config/limits.h"

namespace foreword::tools {
namespace {

namespace json = boost::json;
using config::Error;
using config::Result;

/// Throws all values away: only the grammar is of interest.
struct NullHandler {
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

  using Code = json::error_code;
  using Text = json::string_view;
  bool on_document_begin(Code&) { return true; }
  bool on_document_end(Code&) { return true; }
  bool on_object_begin(Code&) { return true; }
  bool on_object_end(std::size_t, Code&) { return true; }
  bool on_array_begin(Code&) { return true; }
  bool on_array_end(std::size_t, Code&) { return true; }
  bool on_key_part(Text, std::size_t, Code&) { return true; }
  bool on_key(Text, std::size_t, Code&) { return true; }
  bool on_string_part(Text, std::size_t, Code&) { return true; }
  bool on_string(Text, std::size_t, Code&) { return true; }
  bool on_number_part(Text, Code&) { return true; }
  bool on_int64(std::int64_t, Text, Code&) { return true; }
  bool on_uint64(std::uint64_t, Text, Code&) { return true; }
  bool on_double(double, Text, Code&) { return true; }
  bool on_bool(bool, Code&) { return true; }
  bool on_null(Code&) { return true; }
  bool on_comment_part(Text, Code&) { return true; }
  bool on_comment(Text, Code&) { return true; }
};

}  // namespace

Result<std::string> to_utf8(std::string bytes) {
  const bool little = bytes.starts_with("\xFF\xFE");
  const bool big = bytes.starts_with("\xFE\xFF");
  if (!little && !big) return Result<std::string>(boost::system::in_place_value, std::move(bytes));
  const auto converter = iconv_open("UTF-8", little ? "UTF-16LE" : "UTF-16BE");
  if (converter == reinterpret_cast<iconv_t>(-1)) {
    return Error{"it is UTF-16, which cannot be converted here: convert the file to UTF-8"};
  }
  // A character of two bytes takes at most three.
  std::string text(bytes.size() / 2 * 3, '\0');
  char* from = bytes.data() + 2;
  auto from_left = bytes.size() - 2;
  char* to = text.data();
  auto to_left = text.size();
  const auto converted = iconv(converter, &from, &from_left, &to, &to_left);
  iconv_close(converter);
  if (converted == static_cast<std::size_t>(-1)) {
    return Error{fmt::format("byte {} is not UTF-16, which its first bytes say it is",
                             bytes.size() - from_left)};
  }
  text.resize(text.size() - to_left);
  return Result<std::string>(boost::system::in_place_value, std::move(text));
}

Result<void> check_json(std::string_view text) {
  json::parse_options options;
  options.max_depth = config::limits::kMaxJsonDepth;
  options.allow_comments = true;
  options.allow_trailing_commas = true;
  json::basic_parser<NullHandler> parser(options);
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  json::error_code failure;
  const auto read = parser.write_some(false, text.data(), text.size(), failure);
  if (!failure && text.find_first_not_of(" \t\r\n", read) == std::string_view::npos) return {};
  return Error{fmt::format("it is not JSON: byte {}: {}", read,
                           failure ? failure.message() : "there is more behind its end")};
}

}  // namespace foreword::tools
