// Reads and writes the JSON in which prices are told: config/models.json and a price import.
// Private to config/.
//
// Strict, because a misspelt key would silently become a wrong price. Within config/ a refusal is
// an exception; it becomes an Error at the one way out of each reader.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "config/models.h"
#include "config/price_text.h"

namespace foreword::config {

namespace json = boost::json;

constexpr std::uint64_t kMaxTokens = 1'000'000'000;

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

  [[nodiscard]] std::optional<std::uint64_t> count_if_there(std::string_view key) const {
    if (!members.contains(key)) return std::nullopt;
    return count(key);
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

/// Of the price under `key`. Refuses what is none.
[[nodiscard]] Picodollars price_at(const Node& node, std::string_view key);

/// {"service_tier": {"flex": 50, "priority": "5/3"}, ...}: percents, or fractions.
[[nodiscard]] std::vector<PriceModifier> parse_modifiers(const Node& node);
[[nodiscard]] json::object modifiers_json(const std::vector<PriceModifier>& modifiers);

}  // namespace foreword::config
