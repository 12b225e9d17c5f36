// Runs a trace through a policy and a virtual provider, in the order in which requests are sent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "config/cache_terms.h"
#include "config/money.h"
#include "tools/replay/plan_writer.h"
#include "tools/replay/policy.h"

namespace foreword::replay {

/// What a price table makes of it. Prompts only: what is generated costs the same under each
/// policy.
struct Pricing {
  const config::ModelTable& table;
  const config::Model& model;
  config::TimePoint at;
  /// What all pings together may cost a day; the trace begins with one. Nothing: no cap.
  std::optional<config::Picodollars> pings_per_day = std::nullopt;
};

struct Outcome {
  Billed billed;        // of all requests; pings are apart
  Billed pings_billed;  //
  std::size_t pings = 0;
  /// Request by request as the table says, long-context prices included.
  config::PicodollarTotal cost = 0;
  config::PicodollarTotal pings_cost = 0;
  config::PicodollarTotal cost_uncached = 0;
  std::size_t waited = 0;  // requests
  double waited_s = 0;     // all of them together
  double longest_wait_s = 0;

  /// All that was paid, pings included, as a part of what the requests cost without caching.
  [[nodiscard]] double bill(const config::CacheTerms& terms) const;
  /// The part of all prompt tokens that was read from the cache.
  [[nodiscard]] double hit_rate() const;
  [[nodiscard]] double mean_wait_s(std::size_t requests) const;
};

/// Requests are sent at whole microseconds, so that what is written to `plan` is exact; one that
/// waits, up to a microsecond behind the time it was told. `plan` may be null. A policy that asks
/// for marks, or a ping, such as no provider takes is a bug: std::logic_error says which.
[[nodiscard]] Outcome run(const Trace& trace, const config::CacheTerms& terms,
                          const Pricing& pricing, Policy& policy, PlanWriter* plan);

}  // namespace foreword::replay
