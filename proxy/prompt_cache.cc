#include "proxy/prompt_cache.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "assembler/gate.h"
#include "assembler/mark_choice.h"
#include "config/hash_stream.h"
#include "config/limits.h"
#include "proxy/log.h"

namespace foreword::proxy {
namespace {

using config::Lifetime;
using config::Mark;

/// The account is known by its credentials.
config::Hash128 scope_id(const Exchange& exchange, const config::Model& model) {
  std::string scope = exchange.call.upstream->name;
  scope.append("\n").append(model.name);
  for (const auto credentials :
       {FieldName::authorization, FieldName::x_api_key, FieldName::api_key}) {
    scope.append("\n").append(find_field(exchange.head().fields, credentials).value_or(""));
  }
  return config::xxh3_128(scope);
}

cache::CacheScope scope_of(const Exchange& exchange, const config::Model& model,
                           const config::CacheTerms& terms) {
  cache::CacheScope scope;
  scope.id = scope_id(exchange, model);
  scope.brief = std::chrono::seconds(terms.ttl_short_s);
  scope.extended = std::chrono::seconds(terms.ttl_long_s);
  scope.lookback = std::min(terms.lookback, config::limits::kMostLookback);
  return scope;
}

/// Layers say the same wherever the tags around them do.
config::Hash128 hash_of(const assembler::KnowledgeLayer& layer, const config::Hash128& text) {
  if (layer.opening.empty() && layer.closing.empty()) return text;
  const auto opening = config::combine(config::xxh3_128(layer.opening), text);
  return config::combine(opening, config::xxh3_128(layer.closing));
}

std::vector<assembler::PathLayer> layers_of(const AttachedKbs& kb, std::uint64_t tokens) {
  std::vector<assembler::PathLayer> layers;
  double bytes = 0;
  for (const auto& layer : kb.knowledge.layers())
    bytes += static_cast<double>(layer.escaped.size());
  const auto per_byte = bytes > 0 ? static_cast<double>(tokens) / bytes : 0;
  std::size_t next = 0;
  for (const auto& loaded : kb.kbs) {
    for (const auto& stored : loaded->version.layers) {
      const auto& layer = kb.knowledge.layers()[next++];
      const auto share = per_byte * static_cast<double>(layer.escaped.size());
      layers.push_back(
          {hash_of(layer, stored.hash), static_cast<std::uint32_t>(share), layer.mark_rank});
    }
  }
  return layers;
}

/// Of many positions every second, fourth, ... one and the last: the same in every prompt that goes
/// on from this one, until it has twice as many.
std::vector<cache::RowPrefix> thinned(std::span<const config::PromptPrefix> prefixes) {
  std::size_t step = 1;
  while (prefixes.size() / step + 1 > cache::kMostRowPrefixes) step *= 2;
  std::vector<cache::RowPrefix> result;
  for (std::size_t position = 1; position <= prefixes.size(); ++position) {
    if (position % step != 0 && position != prefixes.size()) continue;
    const auto& prefix = prefixes[position - 1];
    result.push_back({static_cast<std::uint32_t>(prefix.hash.low), prefix.tokens});
  }
  return result;
}

/// Whether the bytes tell already that it is far too small.
bool is_small(const PromptFacts& facts, const AttachedKbs* kb, double least_tokens,
              double per_token) {
  return kb == nullptr && static_cast<double>(facts.request_bytes) < per_token * least_tokens / 2;
}

}  // namespace

std::optional<CachedPrompt> cached_prompt(const Exchange& exchange, const PromptFacts& facts,
                                          const AttachedKbs* kb,
                                          const assembler::Outline& outline) {
  const auto* model = facts.known_model;
  if (model == nullptr || exchange.call.only_counts) return std::nullopt;
  const auto& services = exchange.shard.services();
  CachedPrompt prompt;
  const auto terms = config::cache_terms(*model, exchange.started);
  if (!terms.marks) return std::nullopt;
  const auto per_token = bytes_per_token(exchange, facts);
  if (is_small(facts, kb, terms.min_tokens, per_token)) return std::nullopt;
  prompt.terms = services.cache_evidence->adjust(exchange.call.upstream->name, model->name, terms,
                                                 exchange.started);
  prompt.scope = scope_of(exchange, *model, terms);
  if (kb != nullptr) prompt.layers = layers_of(*kb, kb_tokens(exchange, facts, *kb).tokens);
  prompt.path = assembler::prompt_path(outline, prompt.layers, prompt.scope.id, per_token);
  if (kb == nullptr && assembler::is_far_too_small(prompt.path.prefixes, terms)) {
    return std::nullopt;
  }
  if (prompt.path.prefixes.empty()) return std::nullopt;
  return prompt;
}

std::vector<cache::RowPrefix> row_prefixes(const Exchange& exchange, const PromptFacts& facts,
                                           const AttachedKbs* kb, const assembler::Outline& outline,
                                           const std::optional<CachedPrompt>& cached) {
  if (cached) return thinned(cached->path.prefixes);
  const auto* model = facts.known_model;
  if (model == nullptr || exchange.call.only_counts) return {};
  const auto per_token = bytes_per_token(exchange, facts);
  constexpr double kLeastTokens = 1024;
  if (is_small(facts, kb, kLeastTokens, per_token)) return {};
  std::vector<assembler::PathLayer> layers;
  if (kb != nullptr) layers = layers_of(*kb, kb_tokens(exchange, facts, *kb).tokens);
  return thinned(
      assembler::prompt_path(outline, layers, scope_id(exchange, *model), per_token).prefixes);
}

GateWait::GateWait(const Exchange& exchange, const CachedPrompt& prompt)
    : exchange_(exchange),
      prompt_(prompt),
      most_(assembler::longest_wait(prompt.tokens(), exchange.settings().gate_max_wait)),
      began_(exchange.shard.services().now()),
      began_steady_(SteadyClock::now()) {}

GateWait::~GateWait() {
  if (waiter_) exchange_.shard.services().virtual_clock->stop_waiting(waiter_);
}

bool GateWait::is_to_wait(const config::Outlook& outlook) {
  auto& services = exchange_.shard.services();
  const auto until = assembler::wait_until(prompt_.path.prefixes, outlook, prompt_.terms,
                                           services.now(), exchange_.settings().gate_max_wait);
  if (!until || exchange_.client_gone || exchange_.out_of_time) return false;
  if (!waited_) ++services.counters.gate_waited;
  waited_ = true;
  until_ = *until;
  if (!has_waited_enough()) return true;
  ++services.counters.gate_gave_up;
  return false;
}

bool GateWait::has_waited_enough() const {
  const auto& services = exchange_.shard.services();
  if (services.virtual_clock != nullptr) return services.now() - began_ >= most_;
  return SteadyClock::now() - began_steady_ >= most_;
}

Task<void> GateWait::pause() {
  auto& shard = exchange_.shard;
  if (!timer_) timer_ = std::make_shared<Timer>(shard.executor());
  auto* const clock = shard.services().virtual_clock;
  if (clock != nullptr) {
    if (!waiter_) {
      waiter_ = clock->make_waiter(
          [timer = timer_] { asio::post(timer->get_executor(), [timer] { timer->cancel(); }); });
    }
    // Nothing else may end it, or of two that are woken at one time the second could be first.
    clock->wait(waiter_, until_);
    timer_->expires_at(Timer::time_point::max());
  } else {
    timer_->expires_after(config::limits::kGateTick);
  }
  co_await timer_->async_wait(use_tuple);
}

CacheUse::CacheUse(const Exchange& exchange, const PromptFacts& facts, const CachedPrompt& prompt,
                   const config::Outlook& outlook, std::span<const Mark> marks)
    : services_(exchange.shard.services()),
      upstream_(exchange.call.upstream->name),
      model_(facts.known_model->name) {
  const auto& prefixes = prompt.path.prefixes;
  const auto read = outlook.warm ? prefixes[outlook.warm->position - 1].tokens : 0;
  const auto now = services_.now();
  const auto begins = now + assembler::time_to_first_byte(prompt.tokens() - read);
  receipt_ = services_.prefixes->sent(prompt.scope, prefixes, marks, now, {begins, true});
  if (marks.empty()) return;
  asked_.marked_tokens = prefixes[marks.back().position - 1].tokens;
  asked_.only_extended = std::ranges::all_of(
      marks, [](const Mark& mark) { return mark.lifetime == Lifetime::extended; });
}

CacheUse::~CacheUse() {
  if (!began_) services_.prefixes->not_written(receipt_);
}

void CacheUse::began() {
  began_ = true;
  services_.prefixes->began(receipt_, services_.now());
}

void CacheUse::answered(const config::TokenCounts& tokens) {
  const auto read = tokens[config::TokenClass::cache_read];
  const auto written = tokens.prompt() - read - tokens[config::TokenClass::input];
  if (read == 0) services_.prefixes->not_read(receipt_);
  if (read == 0 && written == 0) services_.prefixes->not_written(receipt_);
  const bool refused =
      services_.cache_evidence->answered(upstream_, model_, asked_, tokens, services_.now());
  if (!refused) return;
  log_warning("cache", fmt::format("upstream {} does not keep {} for the longer time that it is "
                                   "asked for: it is not asked any more for a while",
                                   upstream_, model_));
}

}  // namespace foreword::proxy
