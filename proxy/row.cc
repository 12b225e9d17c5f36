#include "proxy/row.h"

#include <algorithm>
#include <cmath>

#include "cache/client_only.h"

namespace foreword::proxy {
namespace {

using cache::Outcome;
using cache::UsageSource;

std::uint64_t tokens_of(double bytes, double per_token) {
  return static_cast<std::uint64_t>(std::llround(bytes / per_token));
}

config::TokenCounts estimate(const Exchange& exchange, const PromptFacts& facts,
                             std::uint64_t output_bytes) {
  const auto per_token = bytes_per_token(exchange, facts);
  const auto kb = facts.kb ? kb_tokens(exchange, facts, *facts.kb).tokens : 0;
  config::TokenCounts counts;
  counts[config::TokenClass::input] =
      tokens_of(static_cast<double>(facts.request_bytes), per_token) + kb;
  counts[config::TokenClass::output] = tokens_of(static_cast<double>(output_bytes), per_token);
  return counts;
}

/// Did the provider take the request, so that it will bill for it? A client that left after its
/// whole request had gone out has probably been billed too.
bool billed(const Exchange& exchange, const Ending& ending) {
  if (ending.outcome == Outcome::client_gone && ending.status == 0) return exchange.request_sent;
  return ending.status >= 200 && ending.status < 300;
}

void fill_usage(const Exchange& exchange, const PromptFacts& facts, const AnswerMeter* meter,
                const Ending& ending, cache::LedgerRow& row) {
  const auto* usage = meter != nullptr ? meter->usage() : nullptr;
  // A stream of OpenAI's names its tier in each chunk, and its usage in the last one.
  if (usage != nullptr) row.terms = usage->usage().terms;
  if (usage != nullptr && usage->has_usage()) {
    row.usage_source = usage->is_final() ? UsageSource::reported : UsageSource::partial;
    row.tokens = usage->usage().counts;
    if (!usage->is_final()) {
      // What was reported first says 1; the text that came is the better witness.
      const auto bytes = static_cast<double>(usage->usage().output_text_bytes);
      auto& output = row.tokens[config::TokenClass::output];
      output = std::max(output, tokens_of(bytes, bytes_per_token(exchange, facts)));
    }
  } else if (billed(exchange, ending)) {
    row.usage_source = UsageSource::estimated;
    row.tokens = estimate(exchange, facts, usage != nullptr ? usage->usage().output_text_bytes : 0);
  }
}

}  // namespace

std::string_view region_of(const config::UpstreamSettings& upstream) {
  constexpr std::string_view kRegional = ".api.openai.com";
  const std::string_view host = upstream.base_url.host;
  const bool regional = upstream.provider == config::Provider::openai && host.ends_with(kRegional);
  return regional ? host.substr(0, host.size() - kRegional.size()) : std::string_view();
}

std::uint32_t client_markers(const assembler::Outline& outline) {
  return static_cast<std::uint32_t>(outline.anthropic.markers.size() + outline.openai.breakpoints);
}

double bytes_per_token(const Exchange& exchange, const PromptFacts& facts) {
  return facts.known_model != nullptr
             ? facts.known_model->bytes_per_token
             : exchange.shard.services().models.now().fallback_bytes_per_token(
                   exchange.call.upstream->provider);
}

TokenEstimate kb_tokens(const Exchange& exchange, const PromptFacts& facts, const AttachedKbs& kb) {
  return estimate_tokens(kb, facts.known_model, bytes_per_token(exchange, facts));
}

void price_row(const config::ModelTable& models, const assembler::UsageMeter* usage,
               cache::LedgerRow& row) {
  // The model that answered is the one that is billed; an alias it does not name may still be
  // known. Where neither is, the row keeps the name under which a price may come later.
  const config::Model* model = nullptr;
  if (usage != nullptr && !usage->usage().model.empty()) {
    model = models.find(row.provider, usage->usage().model);
    const bool known = model == nullptr && models.find(row.provider, row.model) != nullptr;
    if (!known) row.model = usage->usage().model;
  }
  if (model == nullptr) model = models.find(row.provider, row.model);
  if (model == nullptr || !config::has_price(*model, row.started)) return;
  row.priced = true;
  row.price_version = models.version();
  const auto cost = models.cost(*model, row.tokens, row.terms, row.started);
  row.cost_actual = cost.actual;
  row.cost_uncached = cost.uncached;
  row.cost_client_only = cost.actual;
}

void price_stored_row(const config::ModelTable& models, cache::LedgerRow& row) {
  price_row(models, nullptr, row);
  if (row.label.starts_with(cache::kOwnLabels)) row.cost_uncached = 0;
  if (row.priced) row.cost_client_only = cache::client_only_cost(models, row);
}

cache::LedgerRow make_row(const Exchange& exchange, const PromptFacts& facts,
                          const AnswerMeter* meter, const Ending& ending) {
  const auto& call = exchange.call;
  cache::LedgerRow row;
  row.id = exchange.id;
  row.started = exchange.started;
  row.provider = call.upstream->provider;
  row.operation = call.operation;
  row.mode = call.mode;
  row.upstream = call.upstream->name;
  row.model = facts.model;
  row.alias = facts.alias;
  row.label = call.label;
  row.placement = facts.placement;
  row.refused = facts.refused;
  row.stream = facts.stream;
  row.status = static_cast<std::uint16_t>(ending.status);
  row.outcome = ending.outcome;
  row.error = ending.error;
  row.client_markers = facts.client_markers;
  row.placed_markers = facts.placed_markers;
  row.prefixes = facts.prefixes;
  row.request_bytes = facts.request_bytes;
  row.inserted_bytes = facts.inserted_bytes;
  row.first_byte = exchange.first_byte;
  row.duration = exchange.elapsed();
  fill_usage(exchange, facts, meter, ending, row);
  if (row.terms.inference_geo.empty()) row.terms.inference_geo = region_of(*call.upstream);
  price_row(exchange.shard.services().models.now(), meter != nullptr ? meter->usage() : nullptr,
            row);
  if (facts.kb) {
    row.kb = facts.kb->name;
    row.kb_version = facts.kb->version;
    const auto tokens = kb_tokens(exchange, facts, *facts.kb).tokens;
    row.kb_tokens_estimate = std::min(tokens, row.tokens.prompt());
  }
  if (row.priced) {
    row.cost_client_only = cache::client_only_cost(exchange.shard.services().models.now(), row);
  }
  return row;
}

}  // namespace foreword::proxy
