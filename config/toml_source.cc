#include "config/toml_source.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include <toml++/toml.h>

namespace foreword::config {
namespace {

constexpr std::size_t kMaxPrintedBytes = 200;

std::optional<Value> to_value(const toml::node& node) {
  if (const auto* integer = node.as_integer()) return Value{integer->get()};
  if (const auto* string = node.as_string()) return Value{string->get()};
  if (const auto* array = node.as_array()) {
    std::vector<std::string> strings;
    for (const auto& element : *array) {
      const auto* string = element.as_string();
      if (string == nullptr) return std::nullopt;
      strings.push_back(string->get());
    }
    return Value{std::move(strings)};
  }
  return std::nullopt;
}

std::string position(const std::string& file, const toml::source_position& at, bool with_column) {
  auto text = file + ':' + std::to_string(at.line);
  if (with_column) text += ':' + std::to_string(at.column);
  return text;
}

/// Depth is bounded: toml++ refuses files that nest deeper than it can follow.
void flatten(const toml::table& table, const std::string& file, std::vector<std::string>& path,
             std::vector<Assignment>& assignments) {
  for (const auto& [key, node] : table) {
    path.emplace_back(key.str());
    const auto* section = node.as_table();
    if (section != nullptr && !section->empty()) {
      flatten(*section, file, path, assignments);
    } else {
      const auto at = key.source().begin;
      assignments.push_back({.path = path,
                             .value = to_value(node),
                             .is_empty_section = section != nullptr,
                             .place = position(file, at, true),
                             .origin = position(file, at, false)});
    }
    path.pop_back();
  }
}

/// The file's text, or nothing with errno set.
std::optional<std::string> read_text(const std::filesystem::path& file) {
  errno = 0;
  std::error_code ignored;
  if (std::filesystem::is_directory(file, ignored)) {
    errno = EISDIR;
    return std::nullopt;
  }
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return std::nullopt;
  std::string text(limits::kMaxSettingsFileBytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (stream.bad()) return std::nullopt;
  if (text.size() > limits::kMaxSettingsFileBytes) {
    errno = EFBIG;
    return std::nullopt;
  }
  return text;
}

/// The value of an override: TOML when it is one TOML value, else the text itself.
std::optional<Value> parse_override_value(std::string_view text) {
  if (text.find_first_of("\r\n") != std::string_view::npos) return Value{std::string(text)};
  try {
    const auto table = toml::parse("value = " + std::string(text));
    return to_value(*table.get("value"));
  } catch (const toml::parse_error&) {
    return Value{std::string(text)};
  }
}

}  // namespace

void read_settings_file(const std::filesystem::path& file, std::vector<Assignment>& assignments,
                        std::vector<std::string>& problems) {
  const auto name = printable(file.string());
  const auto text = read_text(file);
  if (!text) {
    const std::string reason = errno != 0 ? std::strerror(errno) : "read failed";
    problems.push_back(name + ": " + reason + "; name a readable TOML file with --config");
    return;
  }
  try {
    std::vector<std::string> path;
    flatten(toml::parse(*text), name, path, assignments);
  } catch (const toml::parse_error& error) {
    problems.push_back(position(name, error.source().begin, true) + ": " +
                       printable(error.description()));
  }
}

void read_override(std::string_view text, std::size_t number, std::vector<Assignment>& assignments,
                   std::vector<std::string>& problems) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos) {
    // The text is not repeated: without a key, nothing says that it is not a secret.
    problems.push_back("--set number " + std::to_string(number) +
                       ": has no '='; write section.key=value");
    return;
  }
  Assignment assignment;
  assignment.value = parse_override_value(text.substr(equals + 1));
  assignment.place = "--set";
  assignment.origin = "--set";
  std::istringstream parts{std::string(text.substr(0, equals))};
  for (std::string part; std::getline(parts, part, '.');) assignment.path.push_back(part);
  assignments.push_back(std::move(assignment));
}

std::string to_toml(const Value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return std::to_string(*integer);
  if (const auto* strings = std::get_if<std::vector<std::string>>(&value)) {
    std::string list;
    for (const auto& string : *strings) list += (list.empty() ? "" : ", ") + to_toml(string);
    return "[" + list + "]";
  }
  const toml::value<std::string> node{std::get<std::string>(value)};
  std::ostringstream text;
  text << toml::toml_formatter{node, toml::format_flags::allow_unicode_strings};
  return text.str();
}

std::string printable(std::string_view text) {
  std::string line(text.substr(0, kMaxPrintedBytes));
  for (char& c : line) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) c = '?';
  }
  if (text.size() > kMaxPrintedBytes) line += "...";
  return line;
}

}  // namespace foreword::config
