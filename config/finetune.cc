#include "config/finetune.h"

#include <algorithm>

namespace foreword::config {
namespace {

constexpr std::size_t kDecimals = 6;
constexpr std::size_t kMaxWholeDigits = 9;
constexpr std::size_t kMostTexts = 3;

constexpr Millionths kMostUsd = 1'000'000 * kOne;
constexpr Millionths kMostPrice = 10'000 * kOne;
constexpr Millionths kMostHours = 10'000 * kOne;
constexpr Millionths kMostSpeed = 100'000'000 * kOne;
constexpr Millionths kMonthHours = 744 * kOne;
constexpr Millionths kPercent = 100 * kOne;

bool is_digits(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

using S = FinetuneSettings;
constexpr std::array kAssumptions{
    FinetuneAssumption{"gpu_usd_per_hour", "Rent of one GPU, in dollars an hour.", false,
                       kMostPrice, 0, &S::gpu_usd_per_hour,
                       "A100-80: 0.80-1.10 long tail, 1.10-1.50 specialty, 1.50-3.00 hyperscaler "
                       "(mercatus-ai.com, May 2026)"},
    FinetuneAssumption{"gpu_hours_per_month", "Hours a month for which each GPU is rented.", false,
                       kMonthHours, 0, &S::gpu_hours_per_month,
                       "a month is 730 hours, and a GPU that is off answers nobody"},
    FinetuneAssumption{
        "gpu_output_tokens_per_second", "Tokens that one GPU generates a second.", true, kMostSpeed,
        kOne, &S::gpu_output_tokens_per_second,
        "3,363: 7B on one A100-80, batched (morphllm.com, 2026-04-05); 495: 8B on an "
        "A100-40, 75 a stream, 6.6x at 8 streams (vLLM 0.23); typical: their mean"},
    FinetuneAssumption{
        "gpu_prompt_tokens_per_second", "Tokens that one GPU reads a second.", true, kMostSpeed,
        kOne, &S::gpu_prompt_tokens_per_second,
        "arithmetic: 312 TFLOPS BF16 (NVIDIA A100 data sheet) by 16 GFLOP a token of "
        "an 8B model, at 75, 50 and 25 % of peak"},
    FinetuneAssumption{"spare_gpus", "GPUs beside those that the busiest hour needs.", false,
                       1'000 * kOne, 0, &S::spare_gpus,
                       "an estimate: one, where answers must survive the loss of a GPU"},
    FinetuneAssumption{"gpu_overhead_percent", "What bills have on top of the rent, in percent.",
                       false, 1'000 * kOne, 0, &S::gpu_overhead_percent,
                       "real bills are 30 to 50 % above the rent: egress, storage, idle time "
                       "(mercatus-ai.com, May 2026)"},
    FinetuneAssumption{"storage_usd_per_month", "Storage of weights and training data, in dollars.",
                       false, kMostUsd, 0, &S::storage_usd_per_month,
                       "arithmetic: 16 GB of weights, 3 to 12 versions, at 0.02 to 0.10 USD per GB "
                       "and month"},
    FinetuneAssumption{"observability_usd_per_month", "Logs, metrics and evaluation, in dollars.",
                       false, kMostUsd, 0, &S::observability_usd_per_month, "an estimate"},
    FinetuneAssumption{"operation_hours_per_month", "Hours of an engineer a month to run it.",
                       false, kMostHours, 0, &S::operation_hours_per_month, "an estimate"},
    FinetuneAssumption{"on_call_usd_per_month", "Somebody on call for it, in dollars a month.",
                       false, kMostUsd, 0, &S::on_call_usd_per_month, "an estimate"},
    FinetuneAssumption{"engineer_usd_per_hour", "An hour of an engineer, in dollars.", false,
                       kMostPrice, 0, &S::engineer_usd_per_hour,
                       "US software developers earn 144,570 USD a year, 69.50 an hour (BLS, 2024, "
                       "mean); typical and high add an employer's costs, an estimate"},
    FinetuneAssumption{"training_set_mtok", "Size of the training set, in million tokens.", false,
                       100'000 * kOne, 0, &S::training_set_mtok, "an estimate"},
    FinetuneAssumption{"epochs", "How often training goes over the training set.", false,
                       100 * kOne, 0, &S::epochs, "an estimate: 1 to 4 are common"},
    FinetuneAssumption{"training_usd_per_mtok", "Training per million tokens, in dollars.", false,
                       kMostPrice, 0, &S::training_usd_per_mtok,
                       "LoRA: Together 0.48 for 8B (aicalculators.org, 2026), Fireworks 0.50 up to "
                       "16B and 3.00 up to 80B (older copy of fireworks.ai/pricing)"},
    FinetuneAssumption{"hours_per_training", "Hours of an engineer for each training.", false,
                       kMostHours, 0, &S::hours_per_training,
                       "an estimate: data, evaluation, roll-out"},
    FinetuneAssumption{"trainings_per_year", "Trainings a year; all 0: as bases are replaced.",
                       false, 1'000 * kOne, 0, &S::trainings_per_year,
                       "the model table: once per life of a base, at every release of the line of "
                       "models most used here, at every release of its provider"},
    FinetuneAssumption{"managed_training_usd_per_mtok",
                       "Managed: training per million tokens, in dollars.", false, kMostPrice, 0,
                       &S::managed_training_usd_per_mtok,
                       "OpenAI: gpt-4o-mini 3, gpt-4o 25 (tokonomics.ca, 2026-06), gpt-4.1-mini "
                       "about 5 (unverified); no new jobs from 2027-01-06"},
    FinetuneAssumption{"managed_input_usd_per_mtok",
                       "Managed: a million prompt tokens, in dollars.", false, kMostPrice, 0,
                       &S::managed_input_usd_per_mtok,
                       "fine-tuned gpt-4o-mini, gpt-4.1-mini, gpt-4.1 (LiteLLM's price file, June "
                       "2026)"},
    FinetuneAssumption{"managed_cached_usd_per_mtok",
                       "Managed: a million prompt tokens read from a cache, in dollars.", false,
                       kMostPrice, 0, &S::managed_cached_usd_per_mtok,
                       "as managed_input_usd_per_mtok"},
    FinetuneAssumption{"managed_output_usd_per_mtok",
                       "Managed: a million generated tokens, in dollars.", false, kMostPrice, 0,
                       &S::managed_output_usd_per_mtok, "as managed_input_usd_per_mtok"},
    FinetuneAssumption{"managed_cached_percent",
                       "Managed: how many of the prompt tokens a cache serves, in percent.", true,
                       kPercent, 0, &S::managed_cached_percent,
                       "an estimate: without a knowledge base few prompts share a long prefix"},
    FinetuneAssumption{"managed_operation_hours_per_month",
                       "Managed: hours of an engineer a month to look after it.", false, kMostHours,
                       0, &S::managed_operation_hours_per_month, "an estimate"},
    FinetuneAssumption{"dedicated_usd_per_hour",
                       "Managed, dedicated: one deployment, in dollars an hour.", false, kMostPrice,
                       0, &S::dedicated_usd_per_hour,
                       "Fireworks: H100 7 (docs, 2026), A100 3.89 (older copy)"},
    FinetuneAssumption{"dedicated_hours_per_month",
                       "Managed, dedicated: hours a month for which it is up.", false, kMonthHours,
                       0, &S::dedicated_hours_per_month,
                       "220: ten hours on 22 working days; 730: always"},
};

}  // namespace

std::optional<Millionths> parse_millionths(std::string_view text) {
  const auto point = text.find('.');
  const auto whole = text.substr(0, point);
  const bool has_point = point != std::string_view::npos;
  const auto part = has_point ? text.substr(point + 1) : std::string_view();
  if (whole.empty() || whole.size() > kMaxWholeDigits || part.size() > kDecimals ||
      (has_point && part.empty()) || !is_digits(whole) || !is_digits(part)) {
    return std::nullopt;
  }
  auto digits = std::string(whole) + std::string(part);
  digits.append(kDecimals - part.size(), '0');
  Millionths number = 0;
  for (const char c : digits) number = number * 10 + (c - '0');
  return number;
}

std::string millionths_text(Millionths number) {
  auto text = std::to_string(number / kOne);
  auto part = std::to_string(number % kOne);
  part.insert(0, kDecimals - part.size(), '0');
  part.erase(part.find_last_not_of('0') + 1);
  return part.empty() ? text : text + '.' + part;
}

std::string_view name_of(Estimate estimate) {
  constexpr std::array<std::string_view, 3> kNames{"low", "typical", "high"};
  return kNames[static_cast<std::size_t>(estimate)];
}

std::span<const FinetuneAssumption> finetune_assumptions() {
  return kAssumptions;
}

bool set_assumption(const FinetuneAssumption& assumption, FinetuneSettings& settings,
                    std::span<const std::string> texts) {
  if (texts.size() != 1 && texts.size() != kMostTexts) return false;
  Range range;
  for (std::size_t i = 0; i < kMostTexts; ++i) {
    const auto number = parse_millionths(texts[texts.size() == 1 ? 0 : i]);
    if (!number || *number < assumption.least || *number > assumption.most) return false;
    range.by_estimate[i] = *number;
  }
  auto rising = range.by_estimate;
  if (assumption.more_is_cheaper) std::ranges::reverse(rising);
  if (!std::ranges::is_sorted(rising)) return false;
  settings.*assumption.member = range;
  return true;
}

}  // namespace foreword::config
