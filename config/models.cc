#include "config/models.h"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

#include "config/model_families.h"
#include "config/models_json.h"

namespace foreword::config {
namespace {

__extension__ using Wide = __int128;

Wide bill(const TokenCounts& counts, const Rates& rates) {
  Wide sum = 0;
  for (std::size_t i = 0; i < kTokenClasses; ++i) {
    sum += static_cast<Wide>(counts.by_class[i]) * rates.per_token[i];
  }
  return sum;
}

/// Counts are an upstream's word: an absurd one must not overflow.
Picodollars saturated(Wide amount) {
  constexpr Wide kMost = std::numeric_limits<Picodollars>::max();
  return static_cast<Picodollars>(std::min(amount, kMost));
}

/// One modifier of each at most applies to a request.
constexpr std::array<std::string_view, 3> kTermFields{"service_tier", "speed", "inference_geo"};

const std::string& term(const ServiceTerms& terms, std::string_view field) {
  if (field == "service_tier") return terms.service_tier;
  if (field == "speed") return terms.speed;
  return terms.inference_geo;
}

/// The provider may add, and clients do add, this in front of a Gemini model's name.
std::string_view without_collection(std::string_view name) {
  constexpr std::string_view kCollection = "models/";
  if (name.starts_with(kCollection)) name.remove_prefix(kCollection.size());
  return name;
}

bool same_term(const PriceModifier& a, const PriceModifier& b) {
  return a.field == b.field && a.value == b.value;
}

auto key_of(const Model& model) {
  return std::tuple{model.provider, std::string_view{model.name}};
}

}  // namespace

const PricePeriod& period_at(const Model& model, TimePoint at) {
  const auto next = std::ranges::upper_bound(model.prices, at, {}, &PricePeriod::from);
  return next == model.prices.begin() ? *next : *std::prev(next);
}

bool has_price(const Model& model, TimePoint at) {
  return model.prices.front().from <= at;
}

RatesInForce rates_in_force(const Model& model, std::uint64_t prompt_tokens, TimePoint at) {
  const auto& period = period_at(model, at);
  const auto threshold = period.long_context_threshold_tokens;
  const bool is_long = threshold && prompt_tokens > *threshold;
  return {is_long ? period.long_rates : period.rates, is_long};
}

const ModelTable& ModelTable::built_in() {
  // A table that does not parse cannot be shipped: a test parses it.
  static const ModelTable table = parse(models_json()).value();
  return table;
}

const Model* ModelTable::find(Provider provider, std::string_view name) const {
  const auto exact = [&](std::string_view wanted) -> const Model* {
    const auto key = std::tuple{provider, wanted};
    const auto found = std::ranges::lower_bound(models_, key, {}, key_of);
    return found != models_.end() && key_of(*found) == key ? &*found : nullptr;
  };
  name = without_collection(name);
  if (const auto* model = exact(name)) return model;
  return exact(without_date(name));
}

double ModelTable::fallback_bytes_per_token(Provider provider) const {
  std::optional<double> least;
  for (const auto& model : models_) {
    if (model.provider != provider) continue;
    least = std::min(least.value_or(model.bytes_per_token), model.bytes_per_token);
  }
  return least.value_or(Model{}.bytes_per_token);
}

std::vector<PriceModifier> ModelTable::modifiers(const Model& model, TimePoint at) const {
  auto all = period_at(model, at).modifiers;
  const auto of_provider = modifiers_.find(model.provider);
  if (of_provider == modifiers_.end()) return all;
  const auto own = all.size();
  for (const auto& modifier : of_provider->second) {
    const bool replaced = std::any_of(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(own),
                                      [&](const auto& m) { return same_term(m, modifier); });
    if (!replaced) all.push_back(modifier);
  }
  return all;
}

ModelTable ModelTable::with(std::vector<Model> models, std::string version) const {
  ModelTable table;
  table.version_ = std::move(version);
  table.modifiers_ = modifiers_;
  table.models_ = std::move(models);
  std::ranges::sort(table.models_, {}, key_of);
  const auto given = table.models_.size();
  for (const auto& model : models_) {
    const auto first = table.models_.begin();
    const auto last = first + static_cast<std::ptrdiff_t>(given);
    const auto found = std::lower_bound(
        first, last, model, [](const auto& a, const auto& b) { return key_of(a) < key_of(b); });
    const bool replaced = found != last && key_of(*found) == key_of(model);
    if (!replaced) table.models_.push_back(model);
  }
  std::ranges::sort(table.models_, {}, key_of);
  return table;
}

Cost ModelTable::cost(const Model& model, const TokenCounts& counts, const ServiceTerms& terms,
                      TimePoint at) const {
  const auto prompt_tokens = counts.prompt();
  const auto rates = rates_in_force(model, prompt_tokens, at).rates;

  TokenCounts plain;
  plain[TokenClass::input] = prompt_tokens;
  plain[TokenClass::output] = counts.output();

  // Modifiers multiply each other; the total is rounded half up once, at the end.
  Wide numerator = 1;
  Wide denominator = 1;
  const auto apply = [&](const PriceModifier& modifier) {
    numerator *= modifier.numerator;
    denominator *= modifier.denominator;
  };
  const auto& own = period_at(model, at).modifiers;
  const auto of_provider = modifiers_.find(model.provider);
  for (const auto field : kTermFields) {
    const auto& value = term(terms, field);
    if (value.empty()) continue;
    const auto names_it = [&](const PriceModifier& modifier) {
      return modifier.field == field && modifier.value == value;
    };
    const auto mine = std::ranges::find_if(own, names_it);
    if (mine != own.end()) {
      apply(*mine);
    } else if (of_provider != modifiers_.end()) {
      const auto theirs = std::ranges::find_if(of_provider->second, names_it);
      if (theirs != of_provider->second.end()) apply(*theirs);
    }
  }
  const auto with_terms = [&](Wide amount) {
    const auto bounded = static_cast<Wide>(saturated(amount));
    return saturated((bounded * numerator * 2 + denominator) / (denominator * 2));
  };
  return {.actual = with_terms(bill(counts, rates)), .uncached = with_terms(bill(plain, rates))};
}

}  // namespace foreword::config
