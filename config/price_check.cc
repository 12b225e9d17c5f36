#include "config/price_check.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <utility>

#include "config/name_table.h"
#include "config/price_text.h"

namespace foreword::config {
namespace {

using std::chrono::days;

__extension__ using Wide = __int128;

constexpr std::array kLevelNames{
    Named<FindingLevel>{FindingLevel::note, "note"},
    Named<FindingLevel>{FindingLevel::warning, "warning"},
    Named<FindingLevel>{FindingLevel::error, "error"},
};

/// price / input == above / below.
struct Ratio {
  std::int64_t above = 1;
  std::int64_t below = 1;
  [[nodiscard]] bool holds(Picodollars price, Picodollars input) const {
    return static_cast<Wide>(price) * below == static_cast<Wide>(input) * above;
  }
};

/// What a provider takes for a write, of its input price.
struct WriteRule {
  Provider provider{};
  TokenClass token_class{};
  std::array<Ratio, 2> allowed;
  std::string_view words;
};

constexpr Ratio kFree{1, 1};
constexpr std::array<WriteRule, 4> kWriteRules{{
    {Provider::anthropic, TokenClass::cache_write_5m, {{{5, 4}, {5, 4}}}, "1.25x"},
    {Provider::anthropic, TokenClass::cache_write_1h, {{{2, 1}, {2, 1}}}, "2x"},
    {Provider::openai, TokenClass::cache_write_30m, {{kFree, {5, 4}}}, "1x or 1.25x"},
    {Provider::openai, TokenClass::cache_write_12h, {{kFree, {5, 2}}}, "1x or 2.5x"},
}};

constexpr std::array kReadRatios{Ratio{1, 1},  Ratio{1, 2},  Ratio{1, 4},
                                 Ratio{1, 10}, Ratio{1, 20}, Ratio{1, 40}};

constexpr std::array kWrites{TokenClass::cache_write_5m, TokenClass::cache_write_1h,
                             TokenClass::cache_write_30m, TokenClass::cache_write_12h};

std::string priced(TokenClass token_class, Picodollars price) {
  return std::string(name_of(token_class)) + " " + price_text(price);
}

std::string when(const PricePeriod& period) {
  return period.from == kAlways ? std::string() : "from " + date_text(period.from) + ": ";
}

/// Collects what is wrong with one model.
class ModelCheck {
 public:
  ModelCheck(const Model& model, std::vector<Finding>& findings)
      : model_(model), findings_(findings) {}

  void add(FindingLevel level, std::string what) {
    findings_.push_back({level, model_.provider, model_.name, std::move(what)});
  }

  void rates(const Rates& rates, const std::string& where) {
    const auto input = rates[TokenClass::input];
    for (std::size_t i = 0; i < kTokenClasses; ++i) {
      if (rates.per_token[i] > 0) continue;
      add(FindingLevel::error, where + std::string(name_of(static_cast<TokenClass>(i))) +
                                   " costs nothing: a bill by it would be too low");
    }
    if (rates[TokenClass::cache_read] > input) {
      add(FindingLevel::error, where +
                                   priced(TokenClass::cache_read, rates[TokenClass::cache_read]) +
                                   " is dearer than input " + price_text(input));
    }
    for (const auto write : kWrites) {
      if (rates[write] >= input) continue;
      add(FindingLevel::error,
          where + priced(write, rates[write]) + " is cheaper than input " + price_text(input));
    }
    for (const auto& rule : kWriteRules) {
      const auto price = rates[rule.token_class];
      if (rule.provider != model_.provider || price < input) continue;
      const bool right = std::ranges::any_of(
          rule.allowed, [&](const Ratio& ratio) { return ratio.holds(price, input); });
      if (right) continue;
      add(FindingLevel::error, where + priced(rule.token_class, price) + " is not " +
                                   std::string(rule.words) + " of input " + price_text(input));
    }
  }

  /// A long-context tier charges no class less than without it, and caches as without it.
  void tier(const PricePeriod& period, const std::string& where) {
    for (std::size_t i = 0; i < kTokenClasses; ++i) {
      const auto token_class = static_cast<TokenClass>(i);
      if (period.long_rates.per_token[i] >= period.rates.per_token[i]) continue;
      add(FindingLevel::error, where + "long-context " +
                                   priced(token_class, period.long_rates.per_token[i]) +
                                   " is below " + price_text(period.rates.per_token[i]));
    }
    rates(period.long_rates, where + "long-context ");
  }

  void read_ratios(const PricePeriod& period, const std::string& where) {
    const auto input = period.rates[TokenClass::input];
    const auto read = period.rates[TokenClass::cache_read];
    const bool known = std::ranges::any_of(
        kReadRatios, [&](const Ratio& ratio) { return ratio.holds(read, input); });
    if (!known && read < input) {
      add(FindingLevel::warning, where + priced(TokenClass::cache_read, read) + " of input " +
                                     price_text(input) + " is a ratio that no provider uses");
    }
    if (!period.long_context_threshold_tokens) return;
    const auto long_read = period.long_rates[TokenClass::cache_read];
    const auto long_input = period.long_rates[TokenClass::input];
    if (static_cast<Wide>(long_read) * input != static_cast<Wide>(read) * long_input) {
      add(FindingLevel::warning,
          where + "long-context " + priced(TokenClass::cache_read, long_read) +
              " has not the ratio to input that " + price_text(read) + " has without it");
    }
  }

 private:
  const Model& model_;
  std::vector<Finding>& findings_;
};

/// The period in force and those to come.
std::vector<const PricePeriod*> current_and_later(const Model& model, TimePoint today) {
  std::vector<const PricePeriod*> periods{&period_at(model, today)};
  for (const auto& period : model.prices) {
    if (period.from > today && &period != periods.front()) periods.push_back(&period);
  }
  return periods;
}

/// "2026-11-10", or "2026-11" as its first day.
std::optional<TimePoint> as_of(const Model& model) {
  constexpr std::size_t kMonthOnly = 7;
  return parse_date(model.as_of.size() == kMonthOnly ? model.as_of + "-01" : model.as_of);
}

void check_age(const Model& model, const CheckQuestion& question, ModelCheck& check) {
  const auto told = as_of(model);
  if (!told) {
    check.add(FindingLevel::warning, "nobody knows how old its price is: 'as_of' is no date");
    return;
  }
  const auto age = std::chrono::floor<days>(question.today - *told);
  if (age <= question.oldest) return;
  check.add(FindingLevel::warning,
            "its price is " + std::to_string(age.count()) + " days old (" + model.as_of + ")");
}

void check_retirement(const Model& model, const CheckQuestion& question, ModelCheck& check) {
  if (model.retires.empty()) return;
  const auto day = parse_date(model.retires);
  if (!day) {
    check.add(FindingLevel::warning, "its retirement '" + model.retires + "' is no date");
  } else if (*day <= question.today) {
    check.add(FindingLevel::warning, "was switched off on " + model.retires);
  } else if (*day <= question.today + question.ahead) {
    const auto left = std::chrono::ceil<days>(*day - question.today);
    check.add(FindingLevel::warning, "is switched off on " + model.retires + ", in " +
                                         std::to_string(left.count()) + " days");
  }
}

void note_changes(const Model& model, const CheckQuestion& question, ModelCheck& check) {
  const auto* before = &period_at(model, question.today);
  for (const auto& period : model.prices) {
    if (period.from <= question.today || &period == before) continue;
    if (period.from > question.today + question.ahead) return;
    check.add(FindingLevel::note, "from " + date_text(period.from) + " on input costs " +
                                      price_text(period.rates[TokenClass::input]) + " instead of " +
                                      price_text(before->rates[TokenClass::input]) + ", output " +
                                      price_text(period.rates[TokenClass::output]) +
                                      " instead of " +
                                      price_text(before->rates[TokenClass::output]));
    before = &period;
  }
}

}  // namespace

std::string_view name_of(FindingLevel level) {
  return name_in(kLevelNames, level);
}

std::vector<Finding> price_errors(const Model& model, TimePoint today) {
  std::vector<Finding> findings;
  ModelCheck check(model, findings);
  for (const auto* period : current_and_later(model, today)) {
    check.rates(period->rates, when(*period));
    if (period->long_context_threshold_tokens) check.tier(*period, when(*period));
  }
  return findings;
}

std::vector<Finding> check_prices(const ModelTable& table, const CheckQuestion& question) {
  std::vector<Finding> findings;
  for (const auto& model : table.models()) {
    auto errors = price_errors(model, question.today);
    std::ranges::move(errors, std::back_inserter(findings));
    ModelCheck check(model, findings);
    for (const auto* period : current_and_later(model, question.today)) {
      check.read_ratios(*period, when(*period));
    }
    check_age(model, question, check);
    check_retirement(model, question, check);
    note_changes(model, question, check);
  }
  return findings;
}

}  // namespace foreword::config
