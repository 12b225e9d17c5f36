#include "assembler/document.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>
#include <utility>

#include <simdjson.h>
#include <utf8proc.h>

namespace foreword::assembler {
namespace {

using config::Error;
using config::Result;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kSpaces = " \t\v\f";

const utf8proc_uint8_t* as_utf8(std::string_view text) {
  return reinterpret_cast<const utf8proc_uint8_t*>(text.data());
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// Decodes `text` and calls visit(code point); returns the offset of the first byte that is not
/// UTF-8.
template <class Visit>
std::optional<std::size_t> each_code_point(std::string_view text, Visit&& visit) {
  std::size_t at = 0;
  while (at < text.size()) {
    utf8proc_int32_t code_point = 0;
    const auto rest = text.substr(at);
    const auto length =
        utf8proc_iterate(as_utf8(rest), static_cast<utf8proc_ssize_t>(rest.size()), &code_point);
    if (length <= 0) return at;
    visit(code_point);
    at += static_cast<std::size_t>(length);
  }
  return std::nullopt;
}

/// In C++20 an Error too can be made from a string: which one is meant has to be said.
Result<std::string> as_value(std::string text) {
  return Result<std::string>(boost::system::in_place_value, std::move(text));
}

/// REQUIRES: valid UTF-8.
Result<std::string> to_nfc(std::string_view text) {
  if (is_ascii(text)) return as_value(std::string(text));
  utf8proc_uint8_t* composed = nullptr;
  const auto options = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE);
  const auto size =
      utf8proc_map(as_utf8(text), static_cast<utf8proc_ssize_t>(text.size()), &composed, options);
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(composed, &std::free);
  if (size < 0) return Error{std::string("cannot compose to NFC: ") + utf8proc_errmsg(size)};
  return as_value(
      std::string(reinterpret_cast<const char*>(composed), static_cast<std::size_t>(size)));
}

std::string with_lf_line_ends(std::string_view text) {
  if (text.find('\r') == std::string_view::npos) return std::string(text);
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r') {
      result += text[i];
    } else {
      result += '\n';
      if (text.substr(i + 1).starts_with('\n')) ++i;
    }
  }
  return result;
}

std::string_view trim_end(std::string_view line) {
  return line.substr(0, line.find_last_not_of(kSpaces) + 1);
}

/// Without white space at line ends, and without blank lines and byte order marks at the start and
/// blank lines at the end; empty, or with one line feed at the end.
std::string with_tidy_lines(std::string_view text) {
  std::string result;
  result.reserve(text.size() + 1);
  while (!text.empty()) {
    if (result.empty() && text.starts_with(kByteOrderMark)) {
      text.remove_prefix(kByteOrderMark.size());
      continue;
    }
    const auto end = text.find('\n');
    const auto line = trim_end(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (result.empty() && line.empty()) continue;
    result += line;
    result += '\n';
  }
  if (!result.empty()) result.resize(result.find_last_not_of('\n') + 2);
  return result;
}

bool is_control(utf8proc_int32_t code_point) {
  const auto category = utf8proc_category(code_point);
  return category == UTF8PROC_CATEGORY_CC || category == UTF8PROC_CATEGORY_ZL ||
         category == UTF8PROC_CATEGORY_ZP;
}

/// Without empty and "." parts: the same file may be named with or without them.
Result<std::string> with_plain_parts(std::string_view path) {
  std::string result;
  while (!path.empty()) {
    const auto end = path.find('/');
    const auto part = path.substr(0, end);
    path = end == std::string_view::npos ? std::string_view() : path.substr(end + 1);
    if (part == "..") {
      return Error{"the path has a \"..\" part: name the document relative to its folder"};
    }
    if (part.empty() || part == ".") continue;
    if (!result.empty()) result += '/';
    result += part;
  }
  if (result.empty()) return Error{"the path is empty: give the document a name"};
  return as_value(std::move(result));
}

}  // namespace

Result<std::string> normalise_text(std::string_view raw) {
  if (const auto nul = raw.find('\0'); nul != std::string_view::npos) {
    return Error{"byte " + std::to_string(nul) + " is NUL: this is a binary file, not text"};
  }
  if (!simdjson::validate_utf8(raw.data(), raw.size())) {
    const auto bad = each_code_point(raw, [](utf8proc_int32_t) {});
    return Error{"byte " + std::to_string(bad.value_or(0)) +
                 " is not UTF-8: convert the file to UTF-8"};
  }
  auto composed = to_nfc(with_lf_line_ends(raw));
  if (!composed) return composed;
  auto text = with_tidy_lines(*composed);
  if (text.empty()) return Error{"there is no text in it, only white space"};
  return as_value(std::move(text));
}

Result<std::string> normalise_path(std::string_view raw) {
  bool has_control = false;
  const auto bad = each_code_point(
      raw, [&](utf8proc_int32_t code_point) { has_control |= is_control(code_point); });
  if (bad) return Error{"byte " + std::to_string(*bad) + " of the path is not UTF-8: rename it"};
  if (has_control) return Error{"the path holds a control character or line break: rename it"};
  if (raw.starts_with('/')) {
    return Error{"the path is absolute: name the document relative to its folder"};
  }
  const auto composed = to_nfc(raw);
  if (!composed) return composed;
  return with_plain_parts(*composed);
}

}  // namespace foreword::assembler
