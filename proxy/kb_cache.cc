#include "proxy/kb_cache.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>

#include "assembler/gate.h"
#include "assembler/mark_choice.h"
#include "config/limits.h"

namespace foreword::proxy {
namespace {

std::span<const config::PromptPrefix> only(const config::PromptPrefix& prefix) {
  return {&prefix, 1};
}

/// What caches are not shared across: the account is known by its credentials.
config::Hash128 scope_id(const Exchange& exchange, const config::Model& model) {
  std::string scope = exchange.call.upstream->name;
  scope.append("\n").append(model.name);
  for (const auto* credentials : {"authorization", "x-api-key", "api-key"}) {
    scope.append("\n").append(find_field(exchange.head().fields, credentials).value_or(""));
  }
  return config::xxh3_128(scope);
}

/// Tools stand in front of a knowledge base.
config::Hash128 prefix_hash(const cache::CacheScope& scope, const AttachedKbs& kb,
                            const assembler::Outline& outline) {
  std::string prefix = config::to_bytes(scope.id) + kb.version;
  for (const auto& segment : outline.segments) {
    if (segment.kind != assembler::SegmentKind::tool) break;
    prefix += config::to_bytes(segment.hash);
  }
  for (const auto kind : {assembler::SegmentKind::tool, assembler::SegmentKind::system_block}) {
    prefix += config::to_bytes(outline.level_hash[static_cast<std::size_t>(kind)]);
  }
  return config::xxh3_128(prefix);
}

bool is_warm(const Exchange& exchange, const KbPrefix& kb) {
  const auto& services = exchange.shard.services();
  return services.prefixes->outlook(kb.scope, only(kb.prefix), services.now()).warm.has_value();
}

}  // namespace

std::optional<KbPrefix> kb_prefix(const Exchange& exchange, const PromptFacts& facts,
                                  const AttachedKbs& kb, const assembler::Outline& outline) {
  const auto* model = find_model(exchange, facts);
  if (model == nullptr) return std::nullopt;
  KbPrefix result;
  result.terms = config::cache_terms(*model, exchange.started);
  if (!result.terms.marks) return std::nullopt;
  result.scope.id = scope_id(exchange, *model);
  result.scope.brief = std::chrono::seconds(result.terms.ttl_short_s);
  result.scope.extended = std::chrono::seconds(result.terms.ttl_long_s);
  result.prefix.hash = prefix_hash(result.scope, kb, outline);
  const auto tokens = kb_tokens(exchange, facts, kb).tokens;
  result.prefix.tokens = static_cast<std::uint32_t>(std::min<std::uint64_t>(tokens, 0xffff'ffff));
  result.prefix.kind = config::PrefixKind::head;
  if (result.prefix.tokens < result.terms.min_tokens) return std::nullopt;
  return result;
}

config::Lifetime kb_lifetime(const Exchange& exchange, const KbPrefix& kb) {
  const auto outlook =
      exchange.shard.services().prefixes->outlook(kb.scope, only(kb.prefix), exchange.started);
  // Without a use before this one there is no gap to go by.
  if (outlook.seen == 0) return config::Lifetime::brief;
  const auto choice = assembler::choose_marks(only(kb.prefix), outlook, kb.terms, 1);
  return choice.marks.empty() ? config::Lifetime::brief : choice.marks.front().lifetime;
}

KbUse::KbUse(const Exchange& exchange, const KbPrefix& kb, config::Lifetime lifetime,
             std::optional<Gate::Lead> lead)
    : memory_(*exchange.shard.services().prefixes), lead_(std::move(lead)) {
  const auto now = exchange.shard.services().now();
  const std::array marks{config::Mark{1, lifetime}};
  // Until the answer begins nobody can read it.
  receipt_ = memory_.sent(kb.scope, only(kb.prefix), marks, now, now + std::chrono::hours(24));
}

KbUse::~KbUse() {
  if (!began_) memory_.not_written(receipt_);
}

void KbUse::began(config::TimePoint now) {
  began_ = true;
  memory_.began(receipt_, now);
  lead_.reset();
}

Task<std::optional<Gate::Lead>> wait_for_kb(Exchange& exchange, const KbPrefix& kb) {
  auto& services = exchange.shard.services();
  const std::chrono::milliseconds worth = std::chrono::duration_cast<std::chrono::milliseconds>(
      2 * assembler::time_to_first_byte(kb.prefix.tokens));
  const auto end = SteadyClock::now() + std::min(exchange.settings().gate_max_wait, worth);
  bool waited = false;
  std::optional<Timer> timer;
  while (!exchange.client_gone && !exchange.out_of_time && !is_warm(exchange, kb)) {
    auto lead = services.gate->try_lead(kb.prefix.hash);
    if (lead) co_return std::move(lead);
    if (SteadyClock::now() >= end) {
      ++services.counters.gate_gave_up;
      break;
    }
    if (!waited) ++services.counters.gate_waited;
    waited = true;
    if (!timer) timer.emplace(exchange.shard.executor());
    timer->expires_after(config::limits::kGateTick);
    co_await timer->async_wait(use_tuple);
  }
  co_return std::nullopt;
}

}  // namespace foreword::proxy
