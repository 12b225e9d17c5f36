// A month's bill of a fine-tuned model that serves the same requests without the knowledge base,
// and from how much traffic on it is the cheaper way.
//
// Pure functions of plain values, thread-safe. Money is picodollars in 128 bits; what is then a
// fraction of one is rounded up. Absurd figures give an absurd bill, not an overflow.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "cache/traffic.h"
#include "config/finetune.h"
#include "config/models.h"
#include "config/money.h"

namespace foreword::cache {

enum class FinetuneKind : std::uint8_t {
  self_hosted,  // on rented GPUs, as many as the busiest hour needs
  managed,      // by a provider, billed per token
  dedicated,    // by a provider, on deployments billed by the hour
};
inline constexpr std::array kFinetuneKinds{FinetuneKind::self_hosted, FinetuneKind::managed,
                                           FinetuneKind::dedicated};
[[nodiscard]] std::string_view name_of(FinetuneKind kind);

/// Traffic brought to a month of 730 hours.
struct MonthlyTraffic {
  FinetuneTokens tokens;
  FinetuneTokens busiest_hour;
  config::PicodollarTotal actual = 0;  // what it costs with the knowledge base in its prompts
};

struct FinetuneBill {
  std::uint64_t machines = 0;  // GPUs or deployments
  config::PicodollarTotal serving = 0;
  config::PicodollarTotal training = 0;  // without the engineers' hours
  config::PicodollarTotal people = 0;    // their hours for training and operation, on call
  config::PicodollarTotal tools = 0;     // storage, observability
  [[nodiscard]] config::PicodollarTotal total() const {
    return serving + training + people + tools;
  }
};

/// The assumptions of one estimate out of three.
class FinetuneCase {
 public:
  /// `trainings_per_year` where the settings leave it to the model table.
  FinetuneCase(const config::FinetuneSettings& settings, const config::Range& trainings_per_year,
               config::Estimate estimate);

  [[nodiscard]] FinetuneBill bill(FinetuneKind kind, const MonthlyTraffic& traffic) const;

  /// The least output tokens a month from which on the fine-tune costs no more, if all of the
  /// traffic grows or shrinks with them. Nothing: it never does, since serving a token costs more
  /// than what is paid for it now; or there is no output.
  [[nodiscard]] std::optional<std::uint64_t> break_even_output_tokens(
      FinetuneKind kind, const MonthlyTraffic& traffic) const;

 private:
  /// What is paid however small the traffic is: of one machine, `machine` more; of its tokens,
  /// `tokens`.
  struct Shape {
    FinetuneBill fixed;
    config::PicodollarTotal machine = 0;
    config::PicodollarTotal load = 0;  // machines that the busiest hour needs, in millionths
    config::PicodollarTotal tokens = 0;
  };
  [[nodiscard]] Shape shape(FinetuneKind kind, const MonthlyTraffic& traffic) const;
  [[nodiscard]] config::Millionths of(config::Range config::FinetuneSettings::*member) const {
    return (settings_.*member)[estimate_];
  }

  config::FinetuneSettings settings_;
  config::Estimate estimate_;
};

/// How often a year a base is replaced, by the days in the model table: low, once per life of the
/// longest-lived base whose days are both known; typical, releases of `line` in the year before
/// `now`; high, all of the provider's. `line`: a model's name up to its first digit. Releases of
/// one day are one. Rises from low to high.
[[nodiscard]] config::Range base_replacements(const config::ModelTable& models,
                                              config::Provider provider, std::string_view model,
                                              config::TimePoint now);

}  // namespace foreword::cache
