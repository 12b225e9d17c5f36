// The two places settings come from, a TOML file and --set overrides, as one flat list.
//
// Values own their strings. Knows TOML and nothing of which settings exist. Anything in a file or
// an override gives assignments or problems, never a crash.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/fields.h"

namespace foreword::config {

struct Assignment {
  std::vector<std::string> path;  // {"proxy", "listen"}
  std::optional<Value> value;     // nothing: of a type that no setting has
  bool is_empty_section = false;  // "[proxy]" with nothing in it: named all the same
  std::string place;              // for errors: "foreword.toml:3:1", "--set"
  std::string origin;             // for `config print`: "foreword.toml:3", "--set"
};

/// Appends what the file says to `assignments`, or one line to `problems` when it cannot be read.
void read_settings_file(const std::filesystem::path& file, std::vector<Assignment>& assignments,
                        std::vector<std::string>& problems);

/// Appends one "section.key=value". `number` counts from 1 and names an override that has no key.
void read_override(std::string_view text, std::size_t number, std::vector<Assignment>& assignments,
                   std::vector<std::string>& problems);

/// As it would be written in a TOML file.
[[nodiscard]] std::string to_toml(const Value& value);

/// For a line of output: control characters replaced, and cut when very long.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace foreword::config
