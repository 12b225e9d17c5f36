// Reads comma-separated values.
//
// Pure function over bytes, thread-safe. By libcsv, as RFC 4180 says; a byte order mark is skipped.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/result.h"

namespace foreword::tools {

using CsvRow = std::vector<std::string>;

/// Empty lines are left out. The Error says in which line the quotes do not match.
[[nodiscard]] config::Result<std::vector<CsvRow>> read_csv(std::string_view text);

}  // namespace foreword::tools
