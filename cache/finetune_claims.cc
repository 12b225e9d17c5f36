#include "cache/finetune_claims.h"

#include <array>
#include <cmath>

namespace foreword::cache {
namespace {

using config::PicodollarTotal;
using config::Provider;
using config::TokenClass;

struct Mix {
  const char* name;
  std::uint64_t plain;
  std::uint64_t cached;
};
/// 200,000 tokens of knowledge base and a question of 500 for an answer of 500: 400 and 1 to 1.
constexpr auto kKbPerOutput = kClaimedKbTokens / kClaimedAnswerTokens;
constexpr auto kQuestionPerOutput = kClaimedQuestionTokens / kClaimedAnswerTokens;
constexpr std::array kMixes{
    Mix{"output alone", 0, 0},
    Mix{"10:1", 10, 0},
    Mix{"100:1", 100, 0},
    Mix{"knowledge base, warm", kQuestionPerOutput, kKbPerOutput},
    Mix{"knowledge base, uncached", kQuestionPerOutput + kKbPerOutput, 0},
};

config::Result<const config::Model*> model_named(const config::ModelTable& models,
                                                 Provider provider, const char* name) {
  if (const auto* model = models.find(provider, name)) return model;
  return config::Error{std::string("the price table has no ") + name +
                       ": the claims are about that model"};
}

KbClaim kb_claim(const config::Model& model, double bytes, config::TimePoint at) {
  const auto rates = config::rates_in_force(model, kClaimedKbTokens, at).rates;
  const auto behind = config::rates_in_force(model, kClaimedKbTokens + kClaimedQuestionTokens, at);
  KbClaim claim;
  claim.model = model.name;
  claim.warm = PicodollarTotal{kClaimedKbTokens} * rates[TokenClass::cache_read];
  claim.cold = PicodollarTotal{kClaimedKbTokens} * rates[TokenClass::cache_write_5m];
  if (behind.long_context) {
    claim.warm_long_context =
        PicodollarTotal{kClaimedKbTokens} * behind.rates[TokenClass::cache_read];
  }
  claim.same_text_tokens = static_cast<std::uint64_t>(std::llround(bytes / model.bytes_per_token));
  claim.same_text_warm =
      PicodollarTotal{claim.same_text_tokens} *
      config::rates_in_force(model, claim.same_text_tokens, at).rates[TokenClass::cache_read];
  return claim;
}

std::uint64_t break_even(std::int64_t usd, config::Picodollars per_token) {
  const PicodollarTotal rent = PicodollarTotal{usd} * config::kPicodollarsPerDollar;
  return static_cast<std::uint64_t>((rent + per_token - 1) / per_token);
}

config::Picodollars implied(std::int64_t usd) {
  return usd * config::kPicodollarsPerDollar / static_cast<std::int64_t>(kClaimedBreakEven);
}

}  // namespace

config::Result<FinetuneClaims> finetune_claims(const config::ModelTable& models,
                                               config::TimePoint at) {
  const auto older = model_named(models, Provider::anthropic, "claude-sonnet-4-5");
  const auto newer = model_named(models, Provider::anthropic, "claude-sonnet-5-5");
  const auto mini = model_named(models, Provider::openai, "gpt-5-mini");
  for (const auto* model : {&older, &newer, &mini}) {
    if (!*model) return model->error();
  }
  FinetuneClaims claims;
  const auto bytes = static_cast<double>(kClaimedKbTokens) * (*older)->bytes_per_token;
  claims.kb = {kb_claim(**older, bytes, at), kb_claim(**newer, bytes, at)};
  for (const auto& mix : kMixes) {
    const auto prompt = (mix.plain + mix.cached) * kClaimedAnswerTokens;
    const auto rates = config::rates_in_force(**mini, prompt, at).rates;
    const auto per_token = rates[TokenClass::output] +
                           static_cast<std::int64_t>(mix.plain) * rates[TokenClass::input] +
                           static_cast<std::int64_t>(mix.cached) * rates[TokenClass::cache_read];
    if (per_token <= 0) return config::Error{"gpt-5-mini is free: renting a GPU never pays"};
    claims.break_even.push_back({mix.name, mix.plain, mix.cached, per_token,
                                 break_even(400, per_token), break_even(800, per_token)});
  }
  claims.implied_at_400 = implied(400);
  claims.implied_at_800 = implied(800);
  return claims;
}

}  // namespace foreword::cache
