#include "cache/advice.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace foreword::cache {
namespace {

using config::PicodollarTotal;
using config::TokenClass;
using std::chrono::seconds;

constexpr seconds kMonth = std::chrono::hours(730);
constexpr std::array<std::string_view, 4> kVerdicts{"cannot_tell", "no", "no_as_typical", "yes"};

/// Of `period`, brought to a month; rounded up.
PicodollarTotal a_month(PicodollarTotal amount, seconds period) {
  const PicodollarTotal product = amount * kMonth.count();
  return product / period.count() + (product % period.count() != 0 ? 1 : 0);
}

std::uint64_t tokens_a_month(std::uint64_t tokens, seconds period) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  return static_cast<std::uint64_t>(std::min<PicodollarTotal>(a_month(tokens, period), kMost));
}

FinetuneTokens a_month(const FinetuneTokens& tokens, seconds period) {
  return {tokens_a_month(tokens.prompt, period), tokens_a_month(tokens.output, period)};
}

/// A model's share of the busiest hour, as of all tokens.
std::uint64_t share(std::uint64_t of_hour, std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return 0;
  const PicodollarTotal product = PicodollarTotal{of_hour} * part;
  return static_cast<std::uint64_t>((product + whole - 1) / whole);
}

TokenClass write_class(config::Provider provider) {
  switch (provider) {
    case config::Provider::anthropic:
      return TokenClass::cache_write_5m;
    case config::Provider::openai:
      return TokenClass::cache_write_30m;
    case config::Provider::gemini:
      break;
  }
  return TokenClass::input;
}

std::optional<KbPerRequest> kb_per_request(const ModelTraffic& traffic,
                                           const config::ModelTable& models,
                                           config::TimePoint now) {
  const auto* model = models.find(traffic.provider, traffic.model);
  if (model == nullptr || traffic.kb_requests == 0) return std::nullopt;
  KbPerRequest kb;
  kb.tokens = traffic.kb_tokens / traffic.kb_requests;
  const auto prompt = kb.tokens + traffic.tokens.prompt / traffic.requests;
  const auto rates = config::rates_in_force(*model, prompt, now).rates;
  kb.warm = PicodollarTotal{kb.tokens} * rates[TokenClass::cache_read];
  kb.cold = PicodollarTotal{kb.tokens} * rates[write_class(traffic.provider)];
  return kb;
}

Verdict verdict_of(const Advice& advice) {
  if (advice.month.actual <= 0) return Verdict::cannot_tell;
  const auto is_cheaper = [&](config::Estimate estimate) {
    return advice.bill(advice.cheapest(estimate), estimate).total() < advice.month.actual;
  };
  if (is_cheaper(config::Estimate::typical)) return Verdict::yes;
  return is_cheaper(config::Estimate::low) ? Verdict::no_as_typical : Verdict::no;
}

}  // namespace

std::string_view name_of(Verdict verdict) {
  return kVerdicts[static_cast<std::size_t>(verdict)];
}

FinetuneKind Advice::cheapest(config::Estimate estimate) const {
  const auto total = [&](FinetuneKind kind) { return bill(kind, estimate).total(); };
  return *std::ranges::min_element(kFinetuneKinds, {}, total);
}

Advice advice(Traffic traffic, const config::FinetuneSettings& settings,
              const config::ModelTable& models, config::TimePoint now) {
  Advice result;
  if (traffic.first && traffic.last) {
    result.observed = std::chrono::floor<seconds>(*traffic.last - *traffic.first);
  }
  const auto period = result.period = std::max(result.observed, kLeastPeriod);
  result.month = {a_month(traffic.tokens, period), traffic.busiest_hour,
                  a_month(traffic.actual, period)};
  result.uncached = a_month(traffic.uncached, period);
  for (const auto& model : traffic.models) {
    auto& entry = result.models.emplace_back();
    entry.traffic = model;
    entry.month = {a_month(model.tokens, period),
                   {share(traffic.busiest_hour.prompt, model.tokens.prompt, traffic.tokens.prompt),
                    share(traffic.busiest_hour.output, model.tokens.output, traffic.tokens.output)},
                   a_month(model.actual, period)};
    entry.kb = kb_per_request(model, models, now);
  }
  result.trainings_per_year = settings.trainings_per_year;
  if (result.trainings_per_year == config::Range{} && !traffic.models.empty()) {
    const auto& dearest = traffic.models.front();
    result.trainings_per_year = base_replacements(models, dearest.provider, dearest.model, now);
  }
  for (const auto estimate : config::kEstimates) {
    const FinetuneCase assumed(settings, result.trainings_per_year, estimate);
    const auto e = static_cast<std::size_t>(estimate);
    for (const auto kind : kFinetuneKinds) {
      const auto k = static_cast<std::size_t>(kind);
      result.bills[k][e] = assumed.bill(kind, result.month);
      for (auto& model : result.models) {
        model.break_even[k][e] = assumed.break_even_output_tokens(kind, model.month);
      }
    }
  }
  result.traffic = std::move(traffic);
  result.verdict = verdict_of(result);
  return result;
}

}  // namespace foreword::cache
