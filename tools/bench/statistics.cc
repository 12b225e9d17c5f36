#include "tools/bench/statistics.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace foreword::bench {

double median(std::span<const double> values) {
  assert(!values.empty());
  std::vector<double> sorted(values.begin(), values.end());
  std::ranges::sort(sorted);
  const auto middle = sorted.size() / 2;
  if (sorted.size() % 2 == 1) return sorted[middle];
  return (sorted[middle - 1] + sorted[middle]) / 2;
}

double least(std::span<const double> values) {
  assert(!values.empty());
  return *std::ranges::min_element(values);
}

double percentile(std::vector<double> values, double percent) {
  assert(!values.empty() && percent > 0 && percent <= 100);
  const auto rank = std::ceil(percent / 100 * static_cast<double>(values.size()));
  const auto index = static_cast<std::ptrdiff_t>(std::max(rank, 1.0)) - 1;
  std::ranges::nth_element(values, values.begin() + index);
  return values[static_cast<std::size_t>(index)];
}

std::vector<double> ratios(std::span<const double> ours, std::span<const double> theirs) {
  std::vector<double> out;
  for (std::size_t i = 0; i < std::min(ours.size(), theirs.size()); ++i) {
    if (theirs[i] > 0) out.push_back(ours[i] / theirs[i]);
  }
  return out;
}

}  // namespace foreword::bench
