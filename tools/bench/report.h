// The results as people read them, and as programs do. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/bench/results.h"

namespace foreword::bench {

/// What was run where: as "key: value" lines, and as an object.
struct RunFacts {
  std::vector<std::pair<std::string, std::string>> lines;
};

/// Figures of every candidate, one table per measure; then the budgets, each with its verdict; then
/// what was left out.
[[nodiscard]] std::string text_report(const RunFacts& facts, const Results& results);
[[nodiscard]] std::string json_report(const RunFacts& facts, const Results& results);

}  // namespace foreword::bench
