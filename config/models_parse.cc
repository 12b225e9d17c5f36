// Reads config/models.json: unknown keys, missing keys and repeated models are refused.
#include <algorithm>
#include <string>
#include <tuple>

#include "config/models.h"
#include "config/price_json.h"

namespace foreword::config {
namespace {

constexpr double kMaxBytesPerToken = 16.0;
/// What `base` names, a long-context tier names too: else its reads would cost the input price.
void check_tier(const Node& tier, const Node& base) {
  for (const auto& member : base.members) {
    if (!tier.members.contains(member.key())) tier.refuse(member.key(), "is missing");
  }
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
  node.allow_only({"from", "rates", "long_context", "storage_per_hour", "modifiers"});
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
    check_tier(tier.object("rates"), node.object("rates"));
    period.long_rates = parse_rates(tier.object("rates"));
  }
  if (node.members.contains("storage_per_hour")) {
    period.storage_per_token_hour = price_at(node, "storage_per_hour");
  }
  if (node.members.contains("modifiers")) {
    period.modifiers = parse_modifiers(node.object("modifiers"));
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

/// The model's own hold in all of its periods, unless a period says otherwise.
void add_modifiers(const Node& node, Model& model) {
  if (!node.members.contains("modifiers")) return;
  const auto own = parse_modifiers(node.object("modifiers"));
  for (auto& period : model.prices) {
    if (period.modifiers.empty()) period.modifiers = own;
  }
}

Model parse_model(const json::value& value, std::size_t index) {
  const auto* members = value.if_object();
  const auto where = "model " + std::to_string(index + 1);
  if (members == nullptr) throw Refusal(where + " must be an object");
  const auto name = Node{*members, where}.text("name");
  const Node node{*members, "model '" + name + "'"};
  node.allow_only({"name", "provider", "usd_per_mtok", "modifiers", "context_window_tokens",
                   "max_output_tokens", "min_cacheable_tokens", "explicit_breakpoints",
                   "bytes_per_token", "released", "retires", "as_of", "source", "notes"});

  Model model;
  model.name = name;
  if (name.empty()) node.refuse("name", "must not be empty");
  const auto provider = parse_provider(node.text("provider"));
  if (!provider) node.refuse("provider", "must be anthropic, openai or gemini");
  model.provider = *provider;
  model.prices = parse_periods(node);
  add_modifiers(node, model);
  model.context_window_tokens = node.count("context_window_tokens");
  model.max_output_tokens = node.count_if_there("max_output_tokens");
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
  if (node.members.contains("released")) {
    model.released = node.text("released");
    if (!parse_date(model.released)) node.refuse("released", "must be a date, YYYY-MM-DD");
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
