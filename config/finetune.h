// What the comparison with a fine-tuned model assumes: every figure with its range and its source.
//
// Dated data, settable in [finetune]. The tables are made once and never change; any thread may
// read them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace foreword::config {

/// Millionths of a unit. A dollar a million tokens is then a picodollar a token for each millionth,
/// and dollars times hours, both in millionths, are picodollars.
using Millionths = std::int64_t;
inline constexpr Millionths kOne = 1'000'000;

/// "1.5", as 1'500'000: at most six decimals and nine digits in front. Exact or nothing.
[[nodiscard]] std::optional<Millionths> parse_millionths(std::string_view text);
/// And back.
[[nodiscard]] std::string millionths_text(Millionths number);

/// `low` is what makes a fine-tune cheapest, `high` what makes it dearest.
enum class Estimate : std::uint8_t { low = 0, typical = 1, high = 2 };
inline constexpr std::array kEstimates{Estimate::low, Estimate::typical, Estimate::high};
[[nodiscard]] std::string_view name_of(Estimate estimate);

struct Range {
  std::array<Millionths, 3> by_estimate{};
  [[nodiscard]] Millionths operator[](Estimate e) const {
    return by_estimate[static_cast<std::size_t>(e)];
  }
  bool operator==(const Range&) const = default;
};

struct FinetuneSettings {
  std::string hardware = "A100-80GB, a 7B model";
  // On GPUs of one's own.
  Range gpu_usd_per_hour{{800'000, 1'500'000, 3'000'000}};
  Range gpu_hours_per_month{{730 * kOne, 730 * kOne, 730 * kOne}};
  Range gpu_output_tokens_per_second{{3'363 * kOne, 1'929 * kOne, 495 * kOne}};
  Range gpu_prompt_tokens_per_second{{14'600 * kOne, 9'700 * kOne, 4'900 * kOne}};
  Range spare_gpus{{0, 0, kOne}};
  Range gpu_overhead_percent{{0, 30 * kOne, 50 * kOne}};
  Range storage_usd_per_month{{kOne, 5 * kOne, 20 * kOne}};
  Range observability_usd_per_month{{0, 50 * kOne, 300 * kOne}};
  Range operation_hours_per_month{{2 * kOne, 8 * kOne, 40 * kOne}};
  Range on_call_usd_per_month{{0, 500 * kOne, 2'000 * kOne}};
  // Training, wherever it is served.
  Range engineer_usd_per_hour{{70 * kOne, 100 * kOne, 150 * kOne}};
  Range training_set_mtok{{kOne, 5 * kOne, 20 * kOne}};
  Range epochs{{kOne, 3 * kOne, 4 * kOne}};
  Range training_usd_per_mtok{{480'000, 500'000, 3'000'000}};
  Range hours_per_training{{4 * kOne, 16 * kOne, 40 * kOne}};
  /// All 0: as often as the model table says that bases are replaced.
  Range trainings_per_year{};
  // By a provider, per token.
  Range managed_training_usd_per_mtok{{3 * kOne, 5 * kOne, 25 * kOne}};
  Range managed_input_usd_per_mtok{{300'000, 800'000, 3'000'000}};
  Range managed_cached_usd_per_mtok{{150'000, 200'000, 750'000}};
  Range managed_output_usd_per_mtok{{1'200'000, 3'200'000, 12'000'000}};
  Range managed_cached_percent{{50 * kOne, 20 * kOne, 0}};
  Range managed_operation_hours_per_month{{kOne, 4 * kOne, 16 * kOne}};
  // By a provider, on a deployment by the hour.
  Range dedicated_usd_per_hour{{3'890'000, 7 * kOne, 7 * kOne}};
  Range dedicated_hours_per_month{{220 * kOne, 730 * kOne, 730 * kOne}};
};

struct FinetuneAssumption {
  std::string_view key;  // in [finetune]
  std::string_view doc;  // one sentence, as in the example file
  /// Throughputs and shares of cached input: more of it makes a fine-tune cheaper.
  bool more_is_cheaper = false;
  Millionths most = 0;  // 0 is the least, or a millionth where nothing would mean forever
  Millionths least = 0;
  Range FinetuneSettings::*member = nullptr;
  std::string_view source;  // of the defaults, with its day; "an estimate" where there is none
};

[[nodiscard]] std::span<const FinetuneAssumption> finetune_assumptions();

/// "1.5" or low, typical, high. False, and nothing changed, when one of them is no number, is out
/// of bounds, or when they do not go from what makes a fine-tune cheapest to what makes it dearest.
[[nodiscard]] bool set_assumption(const FinetuneAssumption& assumption, FinetuneSettings& settings,
                                  std::span<const std::string> texts);

}  // namespace foreword::config
