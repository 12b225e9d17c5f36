// Fine-tune or not: the ledger's traffic, brought to a month, beside every kind of fine-tune.
//
// Pure functions of plain values, thread-safe. Money is picodollars.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cache/finetune_scenario.h"
#include "cache/traffic.h"
#include "config/models.h"

namespace foreword::cache {

/// Compared is what is paid with the bill of the cheapest kind of fine-tune at each estimate.
enum class Verdict : std::uint8_t {
  cannot_tell,    // no request has a price
  no,             // no fine-tune is cheaper, even by its low estimate
  no_as_typical,  // one is cheaper by its low estimate, none by its typical one
  yes,            // one is cheaper by its typical estimate
};
[[nodiscard]] std::string_view name_of(Verdict verdict);

/// What the whole knowledge base costs in one request, at today's prices.
struct KbPerRequest {
  std::uint64_t tokens = 0;  // mean of the requests that had one
  config::PicodollarTotal warm = 0;
  config::PicodollarTotal cold = 0;
};

struct ModelAdvice {
  ModelTraffic traffic;
  MonthlyTraffic month;
  std::optional<KbPerRequest> kb;  // nothing: no request had one, or the model has no price today
  /// By kind and estimate, were all traffic of this model's shape.
  std::array<std::array<std::optional<std::uint64_t>, 3>, 3> break_even{};
  [[nodiscard]] std::optional<std::uint64_t> break_even_at(FinetuneKind k,
                                                           config::Estimate e) const {
    return break_even[static_cast<std::size_t>(k)][static_cast<std::size_t>(e)];
  }
};

struct Advice {
  Traffic traffic;
  /// What the traffic was divided by to bring it to a month: from its first request to its last,
  /// at least kLeastPeriod.
  std::chrono::seconds period{};
  std::chrono::seconds observed{};
  [[nodiscard]] bool scaled_from_too_little() const { return observed < period; }
  MonthlyTraffic month;
  config::PicodollarTotal uncached = 0;  // a month's
  config::Range trainings_per_year;      // what was assumed
  std::array<std::array<FinetuneBill, 3>, 3> bills{};
  [[nodiscard]] const FinetuneBill& bill(FinetuneKind k, config::Estimate e) const {
    return bills[static_cast<std::size_t>(k)][static_cast<std::size_t>(e)];
  }
  /// Of all kinds, at that estimate.
  [[nodiscard]] FinetuneKind cheapest(config::Estimate estimate) const;
  Verdict verdict = Verdict::cannot_tell;
  std::vector<ModelAdvice> models;  // in use, the dearest first
};

/// A shorter time says too little of a month: it counts as a whole day, as if the rest of that day
/// had been silent.
inline constexpr std::chrono::seconds kLeastPeriod = std::chrono::hours(24);

[[nodiscard]] Advice advice(Traffic traffic, const config::FinetuneSettings& settings,
                            const config::ModelTable& models, config::TimePoint now);

}  // namespace foreword::cache
