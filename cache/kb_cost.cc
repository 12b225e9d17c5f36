#include "cache/kb_cost.h"

#include <algorithm>
#include <limits>

namespace foreword::cache {
namespace {

using config::Picodollars;
using config::TokenClass;

/// What tokens that are not in the cache are charged as.
TokenClass write_class(const config::Model& model) {
  if (model.provider == config::Provider::anthropic) return TokenClass::cache_write_5m;
  return model.explicit_breakpoints ? TokenClass::cache_write_30m : TokenClass::input;
}

/// A base too absurd for Picodollars costs the most of them.
Picodollars price(std::uint64_t tokens, Picodollars per_token) {
  const auto cost = static_cast<config::PicodollarTotal>(tokens) * per_token;
  constexpr config::PicodollarTotal kMost = std::numeric_limits<Picodollars>::max();
  return static_cast<Picodollars>(std::min(cost, kMost));
}

Fit fit_of(std::uint64_t tokens, double error, std::uint64_t window) {
  const auto estimate = static_cast<double>(tokens);
  const auto room = static_cast<double>(window);
  if (estimate * (1 + error) <= room) return Fit::fits;
  return estimate * (1 - error) <= room ? Fit::may_fit : Fit::too_large;
}

}  // namespace

std::string_view name_of(Fit fit) {
  switch (fit) {
    case Fit::fits:
      return "yes";
    case Fit::may_fit:
      return "maybe";
    case Fit::too_large:
      break;
  }
  return "no";
}

KbCost kb_cost(const config::Model& model, const TokenRatio& ratio, const KbSizes& sizes,
               config::TimePoint at, std::span<const std::uint64_t> counted) {
  KbCost cost;
  cost.model = &model;
  cost.ratio = ratio;
  std::uint64_t kept = 0;
  for (std::size_t i = 0; i < sizes.layers.size(); ++i) {
    cost.layer_tokens.push_back(i < counted.size() ? counted[i] : ratio.tokens(sizes.layers[i]));
    cost.tokens += cost.layer_tokens.back();
    if (cost.layer_tokens.size() <= sizes.kept_layers) kept += cost.layer_tokens.back();
  }
  const auto window = model.context_window_tokens;
  cost.window_share = static_cast<double>(cost.tokens) / static_cast<double>(window);
  cost.fit = fit_of(cost.tokens, ratio.error, window);

  const auto least = model.min_cacheable_tokens.value_or(0);
  const auto [rates, long_context] = config::rates_in_force(model, cost.tokens, at);
  cost.long_context = long_context;
  cost.cacheable = cost.tokens >= least;
  const auto write = rates[cost.cacheable ? write_class(model) : TokenClass::input];
  const auto read = rates[cost.cacheable ? TokenClass::cache_read : TokenClass::input];
  cost.cold = price(cost.tokens, write);
  cost.warm = price(cost.tokens, read);

  // A shorter prefix than the least was never in the cache: nothing of it stays warm.
  const auto rewritten_of = [&](std::uint64_t warm_tokens) {
    const auto tokens = cost.tokens - (warm_tokens >= least ? warm_tokens : 0);
    return TokensAndMoney{tokens, price(tokens, write)};
  };
  cost.rewritten = rewritten_of(kept);
  const auto in_path_order = std::min(ratio.tokens(sizes.path_order_bytes), cost.tokens);
  cost.path_order = rewritten_of(cost.tokens - in_path_order);
  return cost;
}

CachePrices cache_prices(std::span<const config::Model* const> models, std::uint64_t prompt_tokens,
                         config::TimePoint at) {
  CachePrices sum{0, 0};
  for (const auto* model : models) {
    const auto rates = config::rates_in_force(*model, prompt_tokens, at).rates;
    const auto input = static_cast<double>(rates[TokenClass::input]);
    sum.write += static_cast<double>(rates[write_class(*model)]) / input;
    sum.read += static_cast<double>(rates[TokenClass::cache_read]) / input;
  }
  const auto count = static_cast<double>(models.size());
  return {sum.write / count, sum.read / count};
}

}  // namespace foreword::cache
