// What a knowledge base costs with one model, before anything is paid: tokens, share of the window,
// dollars. Pure, from sizes, counts and prices; estimates are as good as the ratio behind them.
//
// Only the knowledge base is counted: a question and its answer come on top of each request.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "cache/token_ratios.h"
#include "config/models.h"
#include "config/money.h"

namespace foreword::cache {

/// A version of a knowledge base, in bytes of text before escaping.
struct KbSizes {
  std::vector<std::uint64_t> layers;
  /// So many layers in front are as they were before the update: they stay warm.
  std::size_t kept_layers = 0;
  /// What the update would have re-written with all documents in the order of their paths.
  std::uint64_t path_order_bytes = 0;
};

/// Does it go into the model's window, as far as the estimate can tell?
enum class Fit : std::uint8_t { fits, may_fit, too_large };
[[nodiscard]] std::string_view name_of(Fit fit);

/// Tokens and what they cost.
struct TokensAndMoney {
  std::uint64_t tokens = 0;
  config::Picodollars cost = 0;
};

struct KbCost {
  const config::Model* model = nullptr;
  TokenRatio ratio;
  std::vector<std::uint64_t> layer_tokens;
  std::uint64_t tokens = 0;
  double window_share = 0;
  Fit fit = Fit::fits;
  /// The provider bills such a request, as a whole, at its long-context prices.
  bool long_context = false;
  /// false: below the least that the provider caches. Every request then pays plain input.
  bool cacheable = true;
  /// Of a request that finds nothing in the cache and writes it all. Where writing is free (OpenAI
  /// before gpt-5.6, Gemini), plain input.
  config::Picodollars cold = 0;
  /// Of a request that reads it all.
  config::Picodollars warm = 0;
  /// What the first request after the update writes, at the price of writing.
  TokensAndMoney rewritten;
  /// The same, had all documents stood in the order of their paths.
  TokensAndMoney path_order;
};

/// At `at`, at the provider's standard terms and shortest time to live. `counted`: of each layer,
/// if they were counted; what was not is estimated by the ratio.
[[nodiscard]] KbCost kb_cost(const config::Model& model, const TokenRatio& ratio,
                             const KbSizes& sizes, config::TimePoint at,
                             std::span<const std::uint64_t> counted = {});

/// What writing a token to the cache, and reading it, cost at `at`, as multiples of plain input.
struct CachePrices {
  double write = 1;
  double read = 1;
};
/// Of several models the mean; REQUIRES: at least one. With prompts of that many tokens.
[[nodiscard]] CachePrices cache_prices(std::span<const config::Model* const> models,
                                       std::uint64_t prompt_tokens, config::TimePoint at);

}  // namespace foreword::cache
