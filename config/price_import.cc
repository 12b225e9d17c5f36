#include "config/price_import.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "config/name_table.h"
#include "config/price_check.h"
#include "config/price_text.h"

namespace foreword::config {
namespace {

using std::chrono::days;
using std::chrono::floor;

__extension__ using Wide = __int128;

constexpr std::array kVerdictNames{
    Named<Verdict>{Verdict::added, "added"},
    Named<Verdict>{Verdict::changed, "changed"},
    Named<Verdict>{Verdict::same, "same"},
    Named<Verdict>{Verdict::refused, "refused"},
};

constexpr auto kInput = static_cast<std::size_t>(TokenClass::input);

std::string class_name(std::size_t i) {
  return std::string(name_of(static_cast<TokenClass>(i)));
}

/// `price` as `input` changes. Half a picodollar rounds up. A class that cost nothing still does.
Picodollars scaled(Picodollars price, Picodollars new_input, Picodollars old_input) {
  if (old_input == 0) return price;
  const auto wide = static_cast<Wide>(price) * new_input;
  return static_cast<Picodollars>((wide * 2 + old_input) / (static_cast<Wide>(old_input) * 2));
}

std::string fraction_text(std::int64_t numerator, std::int64_t denominator) {
  constexpr std::int64_t kPercent = 100;
  if (kPercent % denominator == 0) {
    return std::to_string(numerator * (kPercent / denominator)) + " %";
  }
  return std::to_string(numerator) + "/" + std::to_string(denominator);
}

/// "+50 %", "-33.3 %"; to a tenth, towards zero.
std::string percent_text(Picodollars from, Picodollars to) {
  if (from == 0) return {};
  const auto tenths = static_cast<std::int64_t>((static_cast<Wide>(to) - from) * 1000 / from);
  const auto size = tenths < 0 ? -tenths : tenths;
  std::string text = to < from ? "-" : "+";
  text += std::to_string(size / 10);
  if (size % 10 != 0) text += "." + std::to_string(size % 10);
  return text + " %";
}

PriceChange price_change(std::string what, Picodollars from, Picodollars to) {
  return {std::move(what), price_text(from), price_text(to), percent_text(from, to)};
}

/// Where the price of a known model begins to hold.
TimePoint start_of(const PriceImport& import) {
  return import.from.value_or(floor<days>(import.imported));
}

std::string source_of(const PriceImport& import) {
  return "LiteLLM file " + import.file + ", imported " + date_text(import.imported);
}

/// Turns one offer into the period that it makes of the one that was in force.
class Composer {
 public:
  Composer(const PriceOffer& offer, const PricePeriod* before, Weighed& weighed)
      : offer_(offer), before_(before), weighed_(weighed) {}

  PricePeriod compose() {
    PricePeriod period;
    if (before_ != nullptr) period = *before_;
    period.rates = rates();
    period.long_rates = period.rates;
    if (offer_.long_context_threshold_tokens) {
      named_tier(period);
    } else if (before_ != nullptr && before_->long_context_threshold_tokens) {
      kept_tier(period);
    }
    return period;
  }

 private:
  void remark(std::string text) { weighed_.remarks.push_back(std::move(text)); }

  Rates rates() {
    Rates rates;
    const auto input = offer_.rates[kInput].value_or(0);
    for (std::size_t i = 0; i < kTokenClasses; ++i) {
      if (offer_.rates[i]) {
        rates.per_token[i] = *offer_.rates[i];
      } else if (before_ == nullptr) {
        rates.per_token[i] = input;
      } else {
        const auto old = before_->rates.per_token[i];
        const auto old_input = before_->rates.per_token[kInput];
        rates.per_token[i] = scaled(old, input, old_input);
        if (rates.per_token[i] != old && old != old_input) {
          remark(class_name(i) + " is not in the file and keeps its ratio to input: " +
                 price_text(rates.per_token[i]));
        }
      }
    }
    return rates;
  }

  void named_tier(PricePeriod& period) {
    period.long_context_threshold_tokens = offer_.long_context_threshold_tokens;
    const auto long_input = offer_.long_rates[kInput].value_or(0);
    for (std::size_t i = 0; i < kTokenClasses; ++i) {
      if (offer_.long_rates[i]) {
        period.long_rates.per_token[i] = *offer_.long_rates[i];
        continue;
      }
      period.long_rates.per_token[i] =
          scaled(period.rates.per_token[i], long_input, period.rates.per_token[kInput]);
      if (period.rates.per_token[i] == period.rates.per_token[kInput]) continue;
      remark("long-context " + class_name(i) +
             " is not in the file and keeps its ratio to input: " +
             price_text(period.long_rates.per_token[i]));
    }
  }

  void kept_tier(PricePeriod& period) {
    bool moved = false;
    for (std::size_t i = 0; i < kTokenClasses; ++i) {
      period.long_rates.per_token[i] = scaled(
          before_->long_rates.per_token[i], period.rates.per_token[i], before_->rates.per_token[i]);
      moved = moved || period.long_rates.per_token[i] != before_->long_rates.per_token[i];
    }
    const auto above = std::to_string(*before_->long_context_threshold_tokens);
    remark("the tier above " + above + " tokens is not in the file and stays" +
           (moved ? ", at the same ratios" : ""));
  }

  const PriceOffer& offer_;
  const PricePeriod* before_;
  Weighed& weighed_;
};

void compare(const PricePeriod& before, const PricePeriod& after, Weighed& weighed) {
  for (std::size_t i = 0; i < kTokenClasses; ++i) {
    const auto from = before.rates.per_token[i];
    const auto to = after.rates.per_token[i];
    if (from != to) weighed.changes.push_back(price_change(class_name(i), from, to));
  }
  const auto old_above = before.long_context_threshold_tokens;
  const auto new_above = after.long_context_threshold_tokens;
  if (old_above != new_above) {
    const auto text = [](const auto& above) { return above ? std::to_string(*above) : ""; };
    weighed.changes.push_back({"long context above", text(old_above), text(new_above), ""});
  }
  for (std::size_t i = 0; i < kTokenClasses; ++i) {
    const auto from = before.long_rates.per_token[i];
    const auto to = after.long_rates.per_token[i];
    if (!new_above || from == to) continue;
    weighed.changes.push_back(price_change("long-context " + class_name(i), from, to));
  }
}

void list_prices(const PricePeriod& period, Weighed& weighed) {
  const auto add = [&](const Rates& rates, const std::string& where) {
    for (std::size_t i = 0; i < kTokenClasses; ++i) {
      const bool apart = i == kInput || rates.per_token[i] != rates.per_token[kInput];
      if (apart) {
        weighed.changes.push_back({where + class_name(i), "", price_text(rates.per_token[i]), ""});
      }
    }
  };
  add(period.rates, "");
  if (!period.long_context_threshold_tokens) return;
  const auto above = std::to_string(*period.long_context_threshold_tokens);
  weighed.changes.push_back({"long context above", "", above, ""});
  add(period.long_rates, "long-context ");
}

/// Modifiers that the table has otherwise, or not at all.
void take_modifiers(const std::vector<PriceModifier>& known, const PriceOffer& offer,
                    PricePeriod& period, Weighed& weighed) {
  for (const auto& modifier : offer.modifiers) {
    const auto same_term = [&](const PriceModifier& other) {
      return other.field == modifier.field && other.value == modifier.value;
    };
    const auto found = std::ranges::find_if(known, same_term);
    const PriceModifier before = found != known.end() ? *found : PriceModifier{};
    if (before.numerator == modifier.numerator && before.denominator == modifier.denominator) {
      continue;
    }
    std::erase_if(period.modifiers, same_term);
    period.modifiers.push_back(modifier);
    weighed.changes.push_back({modifier.field + "=" + modifier.value,
                               fraction_text(before.numerator, before.denominator),
                               fraction_text(modifier.numerator, modifier.denominator), ""});
  }
}

/// Facts are taken where the table has none; where it has another one, it stays.
void take_facts(const PriceOffer& offer, Model& model, Weighed& weighed) {
  const auto take = [&](std::string_view what, const std::optional<std::uint64_t>& told,
                        std::optional<std::uint64_t>& known) {
    if (!told) return;
    if (!known) known = told;
    if (*known == *told) return;
    weighed.remarks.push_back(std::string(what) + " " + std::to_string(*told) +
                              " in the file; the table's " + std::to_string(*known) + " stays");
  };
  take("largest answer", offer.max_output_tokens, model.max_output_tokens);
  take("cacheable minimum", offer.min_cacheable_tokens, model.min_cacheable_tokens);
  if (offer.retires.empty()) return;
  if (model.retires.empty()) {
    model.retires = offer.retires;
    weighed.changes.push_back({"retires", "", offer.retires, ""});
  } else if (model.retires != offer.retires) {
    weighed.remarks.push_back("retires on " + offer.retires + " in the file; the table's " +
                              model.retires + " stays");
  }
}

Model new_model(const ModelTable& table, const PriceOffer& offer, const PriceImport& import) {
  Model model;
  model.name = offer.name;
  model.provider = offer.provider;
  model.context_window_tokens = offer.context_window_tokens.value_or(0);
  model.bytes_per_token = table.fallback_bytes_per_token(offer.provider);
  model.source = source_of(import);
  model.as_of = date_text(import.imported);
  return model;
}

/// Puts `period` where it belongs; one of the same day makes way.
void put_period(Model& model, PricePeriod period) {
  const auto at = std::ranges::lower_bound(model.prices, period.from, {}, &PricePeriod::from);
  if (at != model.prices.end() && at->from == period.from) {
    *at = std::move(period);
  } else {
    model.prices.insert(at, std::move(period));
  }
}

Weighed refused(Weighed weighed, std::string reason) {
  weighed.verdict = Verdict::refused;
  weighed.reason = std::move(reason);
  weighed.changes.clear();
  weighed.remarks.clear();
  return weighed;
}

Weighed weigh_new(const ModelTable& table, const PriceOffer& offer, const PriceImport& import) {
  Weighed weighed;
  weighed.verdict = Verdict::added;
  if (!offer.context_window_tokens) return refused(weighed, "no context window");
  for (const auto write : {TokenClass::cache_write_5m, TokenClass::cache_write_1h}) {
    const bool named = offer.rates[static_cast<std::size_t>(write)].has_value();
    if (offer.provider != Provider::anthropic || named) continue;
    return refused(weighed, "no price for " + std::string(name_of(write)));
  }
  weighed.model = new_model(table, offer, import);
  auto period = Composer(offer, nullptr, weighed).compose();
  period.from = import.from.value_or(kAlways);
  period.source = source_of(import);
  list_prices(period, weighed);
  Model nothing = weighed.model;
  nothing.prices.emplace_back();
  take_modifiers(table.modifiers(nothing, import.imported), offer, period, weighed);
  put_period(weighed.model, std::move(period));
  take_facts(offer, weighed.model, weighed);
  const auto errors = price_errors(weighed.model, start_of(import));
  if (!errors.empty()) return refused(weighed, errors.front().what);
  return weighed;
}

Weighed weigh_known(const ModelTable& table, const Model& model, const PriceOffer& offer,
                    const PriceImport& import) {
  Weighed weighed;
  weighed.verdict = Verdict::changed;
  weighed.model = model;
  const auto from = start_of(import);
  // A table that was compiled later knows better.
  if (model.as_of > date_text(import.imported)) {
    return refused(weighed, "the table's own entry is newer: " + model.as_of);
  }
  // A copy: what is put into the model moves its periods.
  const PricePeriod before = period_at(model, from);
  auto period = Composer(offer, &before, weighed).compose();
  period.from = from;
  compare(before, period, weighed);
  take_modifiers(table.modifiers(model, from), offer, period, weighed);
  if (!weighed.changes.empty()) {
    period.source = source_of(import);
    put_period(weighed.model, std::move(period));
  }
  take_facts(offer, weighed.model, weighed);
  if (weighed.changes.empty()) {
    weighed.verdict = Verdict::same;
    return weighed;
  }
  const auto errors = price_errors(weighed.model, from);
  if (!errors.empty()) return refused(weighed, errors.front().what);
  weighed.model.as_of = std::max(model.as_of, date_text(import.imported));
  return weighed;
}

}  // namespace

std::string_view name_of(Verdict verdict) {
  return name_in(kVerdictNames, verdict);
}

Weighed weigh(const ModelTable& table, const PriceOffer& offer, const PriceImport& import) {
  const auto* known = table.find(offer.provider, offer.name);
  if (known == nullptr) return weigh_new(table, offer, import);
  if (known->name == offer.name) return weigh_known(table, *known, offer, import);
  // A dated name that was priced as its undated one: it becomes an entry where it differs.
  Model dated = *known;
  dated.name = offer.name;
  auto weighed = weigh_known(table, dated, offer, import);
  if (weighed.verdict != Verdict::refused) {
    weighed.remarks.insert(weighed.remarks.begin(), "was priced as " + known->name);
  }
  return weighed;
}

ModelTable with_imports(const ModelTable& table, std::span<const PriceImport> imports) {
  ModelTable current = table;
  std::size_t count = 0;
  for (const auto& import : imports) {
    std::vector<Model> taken;
    for (const auto& offer : import.offers) {
      auto weighed = weigh(current, offer, import);
      const bool takes = weighed.verdict == Verdict::added || weighed.verdict == Verdict::changed;
      if (takes) taken.push_back(std::move(weighed.model));
    }
    ++count;
    current = current.with(std::move(taken), table.version() + "+" + std::to_string(count));
  }
  return current;
}

}  // namespace foreword::config
