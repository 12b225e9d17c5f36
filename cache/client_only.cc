#include "cache/client_only.h"

#include <algorithm>
#include <array>

namespace foreword::cache {
namespace {

using config::TokenClass;

/// Reads first: where the knowledge base was read, what was written is the conversation's.
constexpr std::array kCached{TokenClass::cache_read, TokenClass::cache_write_5m,
                             TokenClass::cache_write_1h, TokenClass::cache_write_30m,
                             TokenClass::cache_write_12h};

/// OpenAI marks the end of a prompt by itself.
bool sets_marks_alone(const LedgerRow& row) {
  return row.placed_markers > 0 && row.provider == config::Provider::anthropic;
}

bool is_cached_by_foreword_alone(const LedgerRow& row) {
  return (row.placement == "inserted" || sets_marks_alone(row)) && row.client_markers == 0;
}

/// So many of the cached ones.
config::TokenCounts with_plain(config::TokenCounts tokens, std::uint64_t plain) {
  for (const auto cached : kCached) {
    const auto moved = std::min(plain, tokens[cached]);
    tokens[cached] -= moved;
    tokens[TokenClass::input] += moved;
    plain -= moved;
  }
  return tokens;
}

}  // namespace

config::Picodollars client_only_cost(const config::ModelTable& models, const LedgerRow& row) {
  if (row.label.starts_with(kOwnLabels)) return 0;
  const auto* model = models.find(row.provider, row.model);
  if (model == nullptr || !is_cached_by_foreword_alone(row)) return row.cost_actual;
  // Without any breakpoint of the client's, those that Foreword set are why the rest is cached.
  const auto plain = sets_marks_alone(row) ? row.tokens.prompt() : row.kb_tokens_estimate;
  const auto tokens = with_plain(row.tokens, plain);
  if (tokens == row.tokens) return row.cost_actual;
  return models.cost(*model, tokens, row.terms, row.started).actual;
}

}  // namespace foreword::cache
