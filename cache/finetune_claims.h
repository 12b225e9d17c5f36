// What is often said of caching and fine-tunes, computed from the price table: a large knowledge
// base in every prompt costs cents, and renting a GPU pays from so many tokens on.
//
// Pure functions of plain values, thread-safe. Money is picodollars.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/models.h"
#include "config/money.h"

namespace foreword::cache {

/// The knowledge base of the claims, and what is asked of it.
inline constexpr std::uint64_t kClaimedKbTokens = 200'000;
inline constexpr std::uint64_t kClaimedQuestionTokens = 500;
inline constexpr std::uint64_t kClaimedAnswerTokens = 500;
/// "Renting pays from 40 million output tokens a month on."
inline constexpr std::uint64_t kClaimedBreakEven = 40'000'000;

/// That knowledge base in one request, without question and answer.
struct KbClaim {
  std::string model;
  config::PicodollarTotal warm = 0;
  config::PicodollarTotal cold = 0;  // written for five minutes
  /// Warm, with a question behind it, where that makes the prompt one of the long-context tier.
  std::optional<config::PicodollarTotal> warm_long_context;
  /// Of the same text as the first model's, by the tokenisers' bytes per token.
  std::uint64_t same_text_tokens = 0;
  config::PicodollarTotal same_text_warm = 0;
};

/// Output tokens a month at which gpt-5-mini costs as much as the rent of one A100.
struct BreakEvenClaim {
  std::string mix;
  std::uint64_t plain_per_output = 0;   // prompt tokens at the input price for each generated one
  std::uint64_t cached_per_output = 0;  // and those read from the cache
  config::Picodollars per_output_token = 0;  // what they cost together, output included
  std::uint64_t at_400 = 0;                  // of 400 dollars a month, rounded up
  std::uint64_t at_800 = 0;
};

struct FinetuneClaims {
  std::vector<KbClaim> kb;
  std::vector<BreakEvenClaim> break_even;
  /// What kClaimedBreakEven says of the price of an output token and of all that comes with it.
  config::Picodollars implied_at_400 = 0;
  config::Picodollars implied_at_800 = 0;
};

/// At `at`. An Error names a model that the table does not have.
[[nodiscard]] config::Result<FinetuneClaims> finetune_claims(const config::ModelTable& models,
                                                             config::TimePoint at);

}  // namespace foreword::cache
