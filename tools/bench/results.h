// Everything that was measured: for each figure, one number per repeat. A plain value.
#pragma once

#include <compare>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace foreword::bench {

/// What is measured of which candidate, and at which point: a size of body, a number of streams.
struct Series {
  std::string_view measure;
  std::string_view candidate;
  std::string_view point;
};

struct SeriesKey {
  std::string measure;
  std::string candidate;
  std::string point;
  auto operator<=>(const SeriesKey&) const = default;
};

class Results {
 public:
  /// Samples of one series are in the order of the repeats.
  void add(const Series& series, double sample) { samples_[key_of(series)].push_back(sample); }
  /// Empty: not measured.
  [[nodiscard]] std::span<const double> find(const Series& series) const {
    const auto found = samples_.find(key_of(series));
    return found == samples_.end() ? std::span<const double>() : found->second;
  }
  [[nodiscard]] const std::map<SeriesKey, std::vector<double>>& all() const { return samples_; }

  /// Why something was left out, one line each.
  std::vector<std::string> skipped;

 private:
  static SeriesKey key_of(const Series& s) {
    return {std::string(s.measure), std::string(s.candidate), std::string(s.point)};
  }
  std::map<SeriesKey, std::vector<double>> samples_;
};

}  // namespace foreword::bench
