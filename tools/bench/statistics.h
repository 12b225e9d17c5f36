// What becomes of repeated measurements. Pure.
#pragma once

#include <span>
#include <vector>

namespace foreword::bench {

/// The middle one, or the mean of the two in the middle. REQUIRES: not empty.
[[nodiscard]] double median(std::span<const double> values);
/// REQUIRES: not empty.
[[nodiscard]] double least(std::span<const double> values);
/// Nearest rank; `percent` in (0, 100]. REQUIRES: not empty.
[[nodiscard]] double percentile(std::vector<double> values, double percent);

/// ours[i] / theirs[i]: both were measured within the same repeat, under the same noise. As many as
/// both have; a repeat in which theirs is not positive says nothing and is left out.
[[nodiscard]] std::vector<double> ratios(std::span<const double> ours,
                                         std::span<const double> theirs);

}  // namespace foreword::bench
