// What Foreword promises about its speed, as data, and whether today's figures keep it. Pure.
//
// A budget that is missed is printed as missed; it is never changed to fit.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "tools/bench/results.h"

namespace foreword::bench {

enum class Bound : std::uint8_t { at_most, at_least };

struct Budget {
  std::string_view figure;  // without its point
  std::string_view unit;    // "x" for a ratio
  Series ours;
  /// Divides ours within each repeat; nothing: ours is judged as it is.
  std::optional<Series> theirs;
  Bound bound{};
  double budget = 0;
  double stretch = 0;
};

/// Promises that this program cannot measure yet, and why.
struct OpenBudget {
  std::string_view figure;
  std::string_view budget;
  std::string_view why;
};

enum class Verdict : std::uint8_t { not_measured, missed, kept, stretch };
[[nodiscard]] std::string_view name_of(Verdict verdict);

struct Judgement {
  Verdict verdict = Verdict::not_measured;
  double value = 0;  // the median over the repeats; 0 where not measured
};

[[nodiscard]] std::span<const Budget> budgets();
[[nodiscard]] std::span<const OpenBudget> open_budgets();
[[nodiscard]] Judgement judge(const Budget& budget, const Results& results);

}  // namespace foreword::bench
