// What a load left out, and why.
//
// Plain values. Paths are the file system's bytes: print them with printable() only.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace foreword::tools {

struct Skipped {
  std::string path;
  std::string reason;  // "it is hidden"
  /// Somebody said so, by its name or in .gitignore: --strict does not mind.
  bool on_purpose = false;
  bool operator==(const Skipped&) const = default;
};

/// A name for a terminal or a log: control characters, what turns the direction of writing, and
/// bytes that are not UTF-8 are written as escapes, so that a file's name cannot forge a line.
[[nodiscard]] std::string printable(std::string_view name);

/// One line each; of many with the same reason the first few, and how many more there are.
void print_skipped(std::FILE* out, const std::vector<Skipped>& skipped);

}  // namespace foreword::tools
