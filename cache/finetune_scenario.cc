#include "cache/finetune_scenario.h"

#include <algorithm>
#include <limits>
#include <set>
#include <string>

#include "config/price_text.h"

namespace foreword::cache {
namespace {

using config::kOne;
using config::Millionths;
using config::PicodollarTotal;
using Settings = config::FinetuneSettings;

constexpr PicodollarTotal kMaxTotal = (PicodollarTotal{1} << 120);
constexpr PicodollarTotal kSecondsPerHour = 3'600;
constexpr PicodollarTotal kHundredPercent = 100 * kOne;
constexpr PicodollarTotal kMonths = 12;
constexpr std::int64_t kDaysPerYear = 365;

/// Saturates far below the end of 128 bits, so that sums of a few do not overflow either.
PicodollarTotal times(PicodollarTotal a, PicodollarTotal b) {
  PicodollarTotal product = 0;
  return __builtin_mul_overflow(a, b, &product) ? kMaxTotal : std::min(product, kMaxTotal);
}

PicodollarTotal divide_up(PicodollarTotal dividend, PicodollarTotal divisor) {
  return dividend / divisor + (dividend % divisor != 0 ? 1 : 0);
}

std::uint64_t clamped(PicodollarTotal number) {
  return static_cast<std::uint64_t>(
      std::min<PicodollarTotal>(number, std::numeric_limits<std::uint64_t>::max()));
}

/// Machines, in millionths, that are busy all of an hour with those tokens.
PicodollarTotal load_of(std::uint64_t tokens, Millionths per_second) {
  return divide_up(times(times(tokens, kOne), kOne), times(per_second, kSecondsPerHour));
}

std::uint64_t machines_for(PicodollarTotal load) {
  return clamped(std::max<PicodollarTotal>(divide_up(load, kOne), 1));
}

std::string_view line_of(std::string_view model) {
  return model.substr(0, model.find_first_of("0123456789"));
}

}  // namespace

std::string_view name_of(FinetuneKind kind) {
  constexpr std::array<std::string_view, 3> kNames{"self_hosted", "managed", "dedicated"};
  return kNames[static_cast<std::size_t>(kind)];
}

FinetuneCase::FinetuneCase(const Settings& settings, const config::Range& trainings_per_year,
                           config::Estimate estimate)
    : settings_(settings), estimate_(estimate) {
  if (settings_.trainings_per_year == config::Range{}) {
    settings_.trainings_per_year = trainings_per_year;
  }
}

FinetuneCase::Shape FinetuneCase::shape(FinetuneKind kind, const MonthlyTraffic& traffic) const {
  const bool own = kind == FinetuneKind::self_hosted;
  Shape shape;
  const auto a_month = [&](PicodollarTotal per_training) {
    return divide_up(times(per_training, of(&Settings::trainings_per_year)), kOne * kMonths);
  };
  const auto training_price =
      of(own ? &Settings::training_usd_per_mtok : &Settings::managed_training_usd_per_mtok);
  // Million tokens times dollars per million, both in millionths, are picodollars.
  const auto one_epoch = times(of(&Settings::training_set_mtok), training_price);
  shape.fixed.training = a_month(divide_up(times(one_epoch, of(&Settings::epochs)), kOne));
  const auto hour = of(&Settings::engineer_usd_per_hour);
  const auto operation =
      of(own ? &Settings::operation_hours_per_month : &Settings::managed_operation_hours_per_month);
  shape.fixed.people =
      times(hour, operation) + a_month(times(hour, of(&Settings::hours_per_training)));
  shape.fixed.tools = times(of(&Settings::observability_usd_per_month), kOne);

  if (kind == FinetuneKind::managed) {
    const auto cached = of(&Settings::managed_cached_percent);
    const auto prompt_price =
        divide_up(times(of(&Settings::managed_input_usd_per_mtok), kHundredPercent - cached) +
                      times(of(&Settings::managed_cached_usd_per_mtok), cached),
                  kHundredPercent);
    shape.tokens = times(traffic.tokens.prompt, prompt_price) +
                   times(traffic.tokens.output, of(&Settings::managed_output_usd_per_mtok));
    return shape;
  }
  shape.load = load_of(traffic.busiest_hour.output, of(&Settings::gpu_output_tokens_per_second)) +
               load_of(traffic.busiest_hour.prompt, of(&Settings::gpu_prompt_tokens_per_second));
  if (kind == FinetuneKind::dedicated) {
    shape.machine =
        times(of(&Settings::dedicated_usd_per_hour), of(&Settings::dedicated_hours_per_month));
    return shape;
  }
  const auto rent = times(of(&Settings::gpu_usd_per_hour), of(&Settings::gpu_hours_per_month));
  shape.machine = divide_up(times(rent, kHundredPercent + of(&Settings::gpu_overhead_percent)),
                            kHundredPercent);
  shape.fixed.machines = clamped(divide_up(of(&Settings::spare_gpus), kOne));
  shape.fixed.serving = times(shape.machine, shape.fixed.machines);
  shape.fixed.people += times(of(&Settings::on_call_usd_per_month), kOne);
  shape.fixed.tools += times(of(&Settings::storage_usd_per_month), kOne);
  return shape;
}

FinetuneBill FinetuneCase::bill(FinetuneKind kind, const MonthlyTraffic& traffic) const {
  const auto found = shape(kind, traffic);
  auto bill = found.fixed;
  bill.serving += found.tokens;
  if (kind != FinetuneKind::managed) {
    const auto machines = machines_for(found.load);
    bill.machines += machines;
    bill.serving += times(found.machine, machines);
  }
  return bill;
}

std::optional<std::uint64_t> FinetuneCase::break_even_output_tokens(
    FinetuneKind kind, const MonthlyTraffic& traffic) const {
  // With s times the traffic, s x actual is to reach fixed + n x machine + s x tokens, where n
  // machines carry s x load. The least n that carries the s at which it does:
  //   s = (fixed + n x machine) / margin <= n / load.
  const auto found = shape(kind, traffic);
  const auto margin = traffic.actual - found.tokens;
  if (margin <= 0 || traffic.tokens.output == 0) return std::nullopt;
  const auto fixed = found.fixed.total();
  const auto room = times(margin, kOne) - times(found.machine, found.load);
  if (room <= 0) return std::nullopt;
  const auto machines = std::max<PicodollarTotal>(divide_up(times(fixed, found.load), room), 1);
  const auto bill = fixed + times(found.machine, machines);
  return clamped(divide_up(times(bill, traffic.tokens.output), margin));
}

config::Range base_replacements(const config::ModelTable& models, config::Provider provider,
                                std::string_view model, config::TimePoint now) {
  std::set<config::TimePoint> all;
  std::set<config::TimePoint> of_line;
  std::int64_t longest_life = 0;
  for (const auto& entry : models.models()) {
    const auto released = config::parse_date(entry.released);
    if (!released) continue;
    if (const auto retires = config::parse_date(entry.retires)) {
      const auto life = std::chrono::floor<std::chrono::days>(*retires - *released).count();
      longest_life = std::max<std::int64_t>(longest_life, life);
    }
    if (entry.provider != provider || *released > now ||
        *released <= now - std::chrono::days(kDaysPerYear)) {
      continue;
    }
    all.insert(*released);
    if (line_of(entry.name) == line_of(model)) of_line.insert(*released);
  }
  const Millionths low = longest_life > 0 ? kDaysPerYear * kOne / longest_life : 0;
  const auto typical = std::max(low, static_cast<Millionths>(of_line.size()) * kOne);
  return {{low, typical, std::max(typical, static_cast<Millionths>(all.size()) * kOne)}};
}

}  // namespace foreword::cache
