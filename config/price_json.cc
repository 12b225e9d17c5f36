#include "config/price_json.h"

#include <charconv>
#include <numeric>
#include <tuple>
#include <utility>

namespace foreword::config {
namespace {

constexpr std::int64_t kMaxPercent = 1000;

std::optional<int> parse_digits(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

/// "5/3".
std::optional<std::pair<std::int64_t, std::int64_t>> parse_fraction(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto above = parse_digits(text.substr(0, slash));
  const auto below = parse_digits(text.substr(slash + 1));
  const auto allowed = [](const auto& part) {
    return part && *part >= 1 && *part <= kMaxModifierPart;
  };
  if (!allowed(above) || !allowed(below)) return std::nullopt;
  return std::pair<std::int64_t, std::int64_t>{*above, *below};
}

PriceModifier parse_modifier(const Node& field, std::string_view name, std::string_view value) {
  PriceModifier modifier{std::string(name), std::string(value)};
  const auto& told = field.at(value);
  const auto* percent = told.if_int64();
  if (percent != nullptr && *percent >= 1 && *percent <= kMaxPercent) {
    modifier.numerator = *percent;
    modifier.denominator = 100;
  } else if (const auto fraction =
                 told.is_string() ? parse_fraction(told.get_string()) : std::nullopt) {
    std::tie(modifier.numerator, modifier.denominator) = *fraction;
  } else {
    field.refuse(value, "must be a whole percent from 1 to 1000, or a fraction like \"5/3\"");
  }
  const auto shared = std::gcd(modifier.numerator, modifier.denominator);
  modifier.numerator /= shared;
  modifier.denominator /= shared;
  return modifier;
}

}  // namespace

Picodollars price_at(const Node& node, std::string_view key) {
  const auto price = parse_price(node.text(key));
  if (!price) {
    node.refuse(key,
                "must be USD per million tokens as a decimal string below 10000 with at most "
                "6 places, so that one token costs a whole number of picodollars");
  }
  return *price;
}

std::vector<PriceModifier> parse_modifiers(const Node& node) {
  node.allow_only({"service_tier", "speed", "inference_geo"});
  std::vector<PriceModifier> modifiers;
  for (const auto& member : node.members) {
    const auto field = node.object(member.key());
    for (const auto& told : field.members) {
      modifiers.push_back(parse_modifier(field, member.key(), told.key()));
    }
  }
  return modifiers;
}

json::object modifiers_json(const std::vector<PriceModifier>& modifiers) {
  json::object out;
  for (const auto& modifier : modifiers) {
    auto& field = out[modifier.field];
    if (!field.is_object()) field = json::object();
    field.get_object()[modifier.value] =
        std::to_string(modifier.numerator) + "/" + std::to_string(modifier.denominator);
  }
  return out;
}

}  // namespace foreword::config
