// Sums over the requests since the start, for /metrics.
//
// Fed by the ledger's writer, on its thread: nothing here is on a request's way. Thread-safe; add()
// and read() share a lock that nobody else takes. Bounded: labels of clients are not in it, a model
// that is in no price table counts as "other", and where there would be more series than kMost...,
// further models and knowledge bases count as "other" too.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "cache/cache_story.h"
#include "cache/ledger_row.h"
#include "config/models.h"
#include "config/money.h"
#include "config/tokens.h"

namespace foreword::proxy {

inline constexpr std::size_t kMostTrafficSeries = 500;
inline constexpr std::string_view kOtherModel = "other";

/// Upper bounds of the buckets, in seconds and in tokens, as the OpenTelemetry conventions for
/// generative AI give them (github.com/open-telemetry/semantic-conventions-genai, 2026-11); the
/// durations go on to the ten minutes after which SDKs give up.
inline constexpr std::array kDurationBounds = {0.01,  0.02,  0.04,   0.08,  0.16,  0.32,
                                               0.64,  1.28,  2.56,   5.12,  10.24, 20.48,
                                               40.96, 81.92, 163.84, 655.36};
inline constexpr std::array kTokenBounds = {1.0,       4.0,       16.0,       64.0,      256.0,
                                            1024.0,    4096.0,    16384.0,    65536.0,   262144.0,
                                            1048576.0, 4194304.0, 16777216.0, 67108864.0};

/// How many values are at most each bound; those above all bounds are only in `count`.
template <std::size_t N>
struct Histogram {
  std::array<std::uint64_t, N> at_most{};
  std::uint64_t count = 0;
  double sum = 0;
  void add(const std::array<double, N>& bounds, double value) {
    for (std::size_t i = 0; i < N; ++i) at_most[i] += value <= bounds[i] ? 1 : 0;
    ++count;
    sum += value;
  }
};
using DurationHistogram = Histogram<kDurationBounds.size()>;
using TokenHistogram = Histogram<kTokenBounds.size()>;

/// "2xx", "4xx", ...; "none" where the client saw no status.
[[nodiscard]] std::string_view status_class(unsigned status);

struct TrafficKey {
  config::Provider provider{};
  std::string upstream;
  config::Operation operation{};
  std::string model;   // of the price table, or "other"
  std::string kb;      // empty: none
  std::string status;  // status_class()
  auto operator<=>(const TrafficKey&) const = default;
};

struct TrafficSums {
  std::uint64_t requests = 0;
  std::uint64_t estimated = 0;  // usage partial or estimated
  std::uint64_t unpriced = 0;
  config::TokenCounts tokens;
  config::PicodollarTotal paid = 0;
  config::PicodollarTotal uncached = 0;
  std::array<std::uint64_t, cache::kCacheCauses> causes{};
};

/// Without the knowledge base: a histogram is some twenty series.
struct TimesKey {
  config::Provider provider{};
  config::Operation operation{};
  std::string model;
  std::string status;
  auto operator<=>(const TimesKey&) const = default;
};

struct Times {
  DurationHistogram duration;
  DurationHistogram first_byte;  // of requests that had an answer
  TokenHistogram input;          // all that the model read; of requests with usage
  TokenHistogram output;
};

struct TrafficReading {
  std::map<TrafficKey, TrafficSums> sums;
  std::map<TimesKey, Times> times;
  std::map<std::string, std::uint64_t> refusals;  // by what the upstream refused of Foreword's
};

class TrafficMetrics {
 public:
  /// `models` knows the row's model, or it is "other".
  void add(const cache::LedgerRow& row, const config::ModelTable& models);
  [[nodiscard]] TrafficReading read() const;

 private:
  using UseKey = std::tuple<std::string, std::string, std::string>;  // upstream, model, base
  using LastUse = std::optional<cache::CacheUse>;

  /// Where rows of one kind are summed up: looking that up takes longer than the sums.
  struct Place {
    const config::ModelTable* models = nullptr;
    config::Provider provider{};
    config::Operation operation{};
    std::uint16_t status = 0;
    std::string upstream;
    std::string model;  // as the row has it
    std::string kb;
    TrafficSums* sums = nullptr;
    Times* times = nullptr;
    LastUse* last_use = nullptr;  // null: there is no base, or no room
    [[nodiscard]] bool is_of(const cache::LedgerRow& row, const config::ModelTable& table) const;
  };
  /// Those of the latest rows: traffic is mostly of a few kinds.
  static constexpr std::size_t kPlaces = 8;

  Place& place_of(const cache::LedgerRow& row, const config::ModelTable& models);
  LastUse* last_use_of(const cache::LedgerRow& row);

  mutable std::mutex mutex_;
  TrafficReading reading_;  // a map's entries stay where they are
  std::map<UseKey, LastUse> uses_;
  std::array<Place, kPlaces> places_;
  std::size_t next_place_ = 0;
};

}  // namespace foreword::proxy
