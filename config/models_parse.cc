// Reads config/models.json. Strict, because a misspelt key would silently become a wrong price:
// unknown keys, missing keys and repeated models are refused. Within this file a refusal is an
// exception; it becomes an Error at the one way out.
#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <stdexcept>
#include <tuple>

#include <boost/json.hpp>

#include "config/models.h"

namespace foreword::config {
namespace {

namespace json = boost::json;

constexpr std::int64_t kMaxPercent = 1000;
constexpr std::uint64_t kMaxTokens = 1'000'000'000;
constexpr double kMaxBytesPerToken = 16.0;
/// 10,000 USD per million tokens: keeps every product below 128 bits by far.
constexpr std::size_t kMaxWholeDigits = 4;
/// One millionth of a dollar per million tokens is one picodollar per token.
constexpr std::size_t kPriceDecimals = 6;

struct Refusal : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// An object and the words for where it stands, for messages.
struct Node {
  const json::object& members;
  std::string where;

  [[noreturn]] void refuse(std::string_view key, std::string_view what) const {
    throw Refusal(where + ": '" + std::string(key) + "' " + std::string(what));
  }

  void allow_only(std::initializer_list<std::string_view> keys) const {
    for (const auto& member : members) {
      if (std::ranges::find(keys, std::string_view(member.key())) == keys.end()) {
        refuse(member.key(), "is not a known key");
      }
    }
  }

  [[nodiscard]] const json::value& at(std::string_view key) const {
    const auto* value = members.if_contains(key);
    if (value == nullptr) refuse(key, "is missing");
    return *value;
  }

  [[nodiscard]] std::string text(std::string_view key) const {
    const auto* value = at(key).if_string();
    if (value == nullptr) refuse(key, "must be a string");
    return std::string(*value);
  }

  /// Empty for null.
  [[nodiscard]] std::string text_or_null(std::string_view key) const {
    return at(key).is_null() ? std::string{} : text(key);
  }

  [[nodiscard]] std::uint64_t count(std::string_view key) const {
    const auto* value = at(key).if_int64();
    if (value == nullptr || *value < 1 || static_cast<std::uint64_t>(*value) > kMaxTokens) {
      refuse(key, "must be a whole number from 1 to 1000000000");
    }
    return static_cast<std::uint64_t>(*value);
  }

  [[nodiscard]] Node object(std::string_view key) const {
    const auto* value = at(key).if_object();
    if (value == nullptr) refuse(key, "must be an object");
    return {*value, where + ", " + std::string(key)};
  }

  [[nodiscard]] const json::array& array(std::string_view key) const {
    const auto* value = at(key).if_array();
    if (value == nullptr) refuse(key, "must be an array");
    return *value;
  }
};

std::optional<int> parse_digits(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

/// "2026-12-01" as midnight UTC.
std::optional<TimePoint> parse_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = parse_digits(text.substr(0, 4));
  const auto month = parse_digits(text.substr(5, 2));
  const auto day = parse_digits(text.substr(8, 2));
  if (!year || !month || !day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

/// USD per million tokens, "12.5", as picodollars per token, 12'500'000. Exact or nothing.
std::optional<Picodollars> parse_price(std::string_view text) {
  const auto dot = text.find('.');
  const auto whole = text.substr(0, dot);
  const auto decimals = dot == std::string_view::npos ? std::string_view{} : text.substr(dot + 1);
  if (whole.empty() || whole.size() > kMaxWholeDigits) return std::nullopt;
  if (dot != std::string_view::npos && decimals.empty()) return std::nullopt;
  if (decimals.size() > kPriceDecimals) return std::nullopt;

  std::string digits(whole);
  digits += decimals;
  digits.append(kPriceDecimals - decimals.size(), '0');
  const bool plain = std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
  if (!plain) return std::nullopt;
  Picodollars price = 0;
  for (const char digit : digits) price = price * 10 + (digit - '0');
  return price;
}

Picodollars price_at(const Node& node, std::string_view key) {
  const auto price = parse_price(node.text(key));
  if (!price) {
    node.refuse(key,
                "must be USD per million tokens as a decimal string below 10000 with at most "
                "6 places, so that one token costs a whole number of picodollars");
  }
  return *price;
}

Rates parse_rates(const Node& node) {
  node.allow_only({"input", "cache_read", "cache_write_5m", "cache_write_1h", "cache_write_30m",
                   "cache_write_12h", "output"});
  Rates rates;
  // What the provider does not charge apart costs what plain input costs.
  rates.per_token.fill(price_at(node, name_of(TokenClass::input)));
  for (std::size_t i = 0; i < kTokenClasses; ++i) {
    const auto token_class = static_cast<TokenClass>(i);
    const auto key = name_of(token_class);
    const bool required = token_class == TokenClass::output;
    if (required || node.members.contains(key)) rates.per_token[i] = price_at(node, key);
  }
  return rates;
}

PricePeriod parse_period(const Node& node, bool first) {
  node.allow_only({"from", "rates", "long_context"});
  PricePeriod period;
  if (first && node.members.contains("from")) {
    node.refuse("from", "must not be in the first period, which holds for all time before");
  }
  if (!first) {
    const auto from = parse_date(node.text("from"));
    if (!from) node.refuse("from", "must be a date, YYYY-MM-DD");
    period.from = *from;
  }
  period.rates = parse_rates(node.object("rates"));
  period.long_rates = period.rates;
  if (node.members.contains("long_context")) {
    const auto tier = node.object("long_context");
    tier.allow_only({"above_prompt_tokens", "rates"});
    period.long_context_threshold_tokens = tier.count("above_prompt_tokens");
    period.long_rates = parse_rates(tier.object("rates"));
  }
  return period;
}

std::vector<PricePeriod> parse_periods(const Node& model) {
  constexpr std::string_view kKey = "usd_per_mtok";
  std::vector<PricePeriod> periods;
  for (const auto& value : model.array(kKey)) {
    if (!value.is_object()) model.refuse(kKey, "must hold objects");
    const Node node{value.get_object(),
                    model.where + ", price period " + std::to_string(periods.size() + 1)};
    periods.push_back(parse_period(node, periods.empty()));
    if (periods.size() > 1 && periods.back().from <= periods[periods.size() - 2].from) {
      node.refuse("from", "must be later than the period before");
    }
  }
  if (periods.empty()) model.refuse(kKey, "must hold at least one period");
  return periods;
}

Model parse_model(const json::value& value, std::size_t index) {
  const auto* members = value.if_object();
  const auto where = "model " + std::to_string(index + 1);
  if (members == nullptr) throw Refusal(where + " must be an object");
  const auto name = Node{*members, where}.text("name");
  const Node node{*members, "model '" + name + "'"};
  node.allow_only({"name", "provider", "usd_per_mtok", "context_window_tokens",
                   "min_cacheable_tokens", "explicit_breakpoints", "bytes_per_token", "retires",
                   "as_of", "source", "notes"});

  Model model;
  model.name = name;
  if (name.empty()) node.refuse("name", "must not be empty");
  const auto provider = parse_provider(node.text("provider"));
  if (!provider) node.refuse("provider", "must be anthropic, openai or gemini");
  model.provider = *provider;
  model.prices = parse_periods(node);
  model.context_window_tokens = node.count("context_window_tokens");
  if (!node.at("min_cacheable_tokens").is_null()) {
    model.min_cacheable_tokens = node.count("min_cacheable_tokens");
  }
  const auto* explicit_breakpoints = node.at("explicit_breakpoints").if_bool();
  if (explicit_breakpoints == nullptr) {
    node.refuse("explicit_breakpoints", "must be true or false");
  }
  model.explicit_breakpoints = *explicit_breakpoints;

  boost::system::error_code error;
  model.bytes_per_token = node.at("bytes_per_token").to_number<double>(error);
  if (error || !(model.bytes_per_token >= 1.0 && model.bytes_per_token <= kMaxBytesPerToken)) {
    node.refuse("bytes_per_token", "must be a number from 1 to 16");
  }
  model.retires = node.text_or_null("retires");
  model.as_of = node.text("as_of");
  model.source = node.text("source");
  model.notes = node.text("notes");
  return model;
}

std::vector<Model> parse_models(const Node& root) {
  std::vector<Model> models;
  for (const auto& value : root.array("models"))
    models.push_back(parse_model(value, models.size()));
  const auto key = [](const Model& model) { return std::tie(model.provider, model.name); };
  std::ranges::sort(models, {}, key);
  const auto twice = std::ranges::adjacent_find(models, {}, key);
  if (twice != models.end()) throw Refusal("model '" + twice->name + "' is there twice");
  return models;
}

std::vector<PriceModifier> parse_modifiers(const Node& provider) {
  provider.allow_only({"service_tier", "speed", "inference_geo"});
  std::vector<PriceModifier> modifiers;
  for (const auto& member : provider.members) {
    const auto field = provider.object(member.key());
    for (const auto& term : field.members) {
      const auto* percent = term.value().if_int64();
      if (percent == nullptr || *percent < 1 || *percent > kMaxPercent) {
        field.refuse(term.key(), "must be a whole percent from 1 to 1000");
      }
      modifiers.push_back({member.key(), term.key(), *percent});
    }
  }
  return modifiers;
}

}  // namespace

Result<ModelTable> ModelTable::parse(std::string_view text) {
  boost::system::error_code error;
  const auto value = json::parse(text, error);
  if (error || !value.is_object()) {
    return Error{"model table: not a JSON object: give a file like config/models.json"};
  }
  try {
    const Node root{value.get_object(), "model table"};
    root.allow_only({"version", "sources", "modifiers", "models"});
    ModelTable table;
    table.version_ = root.text("version");
    if (!parse_date(table.version_)) root.refuse("version", "must be a date, YYYY-MM-DD");
    const auto modifiers = root.object("modifiers");
    for (const auto& member : modifiers.members) {
      const auto provider = parse_provider(member.key());
      if (!provider) modifiers.refuse(member.key(), "is not a provider");
      table.modifiers_[*provider] = parse_modifiers(modifiers.object(member.key()));
    }
    table.models_ = parse_models(root);
    return table;
  } catch (const Refusal& refusal) {
    return Error{refusal.what()};
  }
}

}  // namespace foreword::config
