// The JSON of offers: config/models.json's terms, with what a file does not name left out.
#include <set>
#include <string_view>
#include <utility>

#include "config/price_import.h"
#include "config/price_json.h"

namespace foreword::config {
namespace {

constexpr std::size_t kMaxNameBytes = 256;

NamedRates parse_named_rates(const Node& node) {
  node.allow_only({"input", "cache_read", "cache_write_5m", "cache_write_1h", "cache_write_30m",
                   "cache_write_12h", "output"});
  NamedRates rates;
  for (std::size_t i = 0; i < kTokenClasses; ++i) {
    const auto token_class = static_cast<TokenClass>(i);
    const auto key = name_of(token_class);
    const bool required = token_class == TokenClass::input || token_class == TokenClass::output;
    if (required || node.members.contains(key)) rates[i] = price_at(node, key);
  }
  return rates;
}

json::object named_rates_json(const NamedRates& rates) {
  json::object out;
  for (std::size_t i = 0; i < kTokenClasses; ++i) {
    if (rates[i]) out[name_of(static_cast<TokenClass>(i))] = price_text(*rates[i]);
  }
  return out;
}

PriceOffer parse_offer(const json::value& value, std::size_t index) {
  const auto* members = value.if_object();
  const auto where = "model " + std::to_string(index + 1);
  if (members == nullptr) throw Refusal(where + " must be an object");
  PriceOffer offer;
  offer.name = Node{*members, where}.text("name");
  if (offer.name.empty() || offer.name.size() > kMaxNameBytes) {
    throw Refusal(where + ": 'name' must have 1 to 256 bytes");
  }
  const Node node{*members, "model '" + offer.name + "'"};
  node.allow_only({"name", "provider", "rates", "long_context", "modifiers",
                   "context_window_tokens", "max_output_tokens", "min_cacheable_tokens",
                   "retires"});
  const auto provider = parse_provider(node.text("provider"));
  if (!provider) node.refuse("provider", "must be anthropic, openai or gemini");
  offer.provider = *provider;
  offer.rates = parse_named_rates(node.object("rates"));
  if (members->contains("long_context")) {
    const auto tier = node.object("long_context");
    tier.allow_only({"above_prompt_tokens", "rates"});
    offer.long_context_threshold_tokens = tier.count("above_prompt_tokens");
    offer.long_rates = parse_named_rates(tier.object("rates"));
  }
  if (members->contains("modifiers")) offer.modifiers = parse_modifiers(node.object("modifiers"));
  offer.context_window_tokens = node.count_if_there("context_window_tokens");
  offer.max_output_tokens = node.count_if_there("max_output_tokens");
  offer.min_cacheable_tokens = node.count_if_there("min_cacheable_tokens");
  if (members->contains("retires")) {
    offer.retires = node.text("retires");
    if (!parse_date(offer.retires)) node.refuse("retires", "must be a date, YYYY-MM-DD");
  }
  return offer;
}

void refuse_twins(const std::vector<PriceOffer>& offers) {
  std::set<std::pair<Provider, std::string_view>> seen;
  for (const auto& offer : offers) {
    if (!seen.emplace(offer.provider, offer.name).second) {
      throw Refusal("model '" + offer.name + "' is there twice");
    }
  }
}

json::object offer_json(const PriceOffer& offer) {
  json::object out{{"name", offer.name},
                   {"provider", name_of(offer.provider)},
                   {"rates", named_rates_json(offer.rates)}};
  if (offer.long_context_threshold_tokens) {
    out["long_context"] = {{"above_prompt_tokens", *offer.long_context_threshold_tokens},
                           {"rates", named_rates_json(offer.long_rates)}};
  }
  if (!offer.modifiers.empty()) out["modifiers"] = modifiers_json(offer.modifiers);
  const auto add = [&](std::string_view key, const std::optional<std::uint64_t>& count) {
    if (count) out[key] = *count;
  };
  add("context_window_tokens", offer.context_window_tokens);
  add("max_output_tokens", offer.max_output_tokens);
  add("min_cacheable_tokens", offer.min_cacheable_tokens);
  if (!offer.retires.empty()) out["retires"] = offer.retires;
  return out;
}

}  // namespace

Result<std::vector<PriceOffer>> parse_offers(std::string_view text) {
  boost::system::error_code error;
  const auto value = json::parse(text, error);
  if (error || !value.is_array()) return Error{"the models have to be a JSON array"};
  try {
    std::vector<PriceOffer> offers;
    for (const auto& item : value.get_array()) offers.push_back(parse_offer(item, offers.size()));
    refuse_twins(offers);
    return offers;
  } catch (const Refusal& refusal) {
    return Error{refusal.what()};
  }
}

std::string offers_json(std::span<const PriceOffer> offers) {
  json::array out;
  for (const auto& offer : offers) out.push_back(offer_json(offer));
  return json::serialize(out);
}

}  // namespace foreword::config
