// A knowledge base in the provider's cache: for how long to have it kept, who writes it first, and
// what becomes of that.
//
// Of a prompt, this knows one position: the end of its knowledge base, which is the same for all
// prompts with the same tools in front of it.
#pragma once

#include <optional>

#include "assembler/outline.h"
#include "cache/prefix_memory.h"
#include "config/cache_terms.h"
#include "proxy/exchange.h"
#include "proxy/gate.h"
#include "proxy/row.h"

namespace foreword::proxy {

struct KbPrefix {
  cache::CacheScope scope;
  config::PromptPrefix prefix;
  config::CacheTerms terms;
};

/// Nothing where the model's cache writes no marks, or is not known.
[[nodiscard]] std::optional<KbPrefix> kb_prefix(const Exchange& exchange, const PromptFacts& facts,
                                                const AttachedKbs& kb,
                                                const assembler::Outline& outline);

/// The time to live that pays for it, by the gaps between its uses so far.
[[nodiscard]] config::Lifetime kb_lifetime(const Exchange& exchange, const KbPrefix& kb);

/// A request that carries a knowledge base, from when it is sent. If no answer begins, the memory
/// is told that nothing was written, and the next request leads.
class KbUse {
 public:
  /// `lead`: it writes, while others wait.
  KbUse(const Exchange& exchange, const KbPrefix& kb, config::Lifetime lifetime,
        std::optional<Gate::Lead> lead);
  KbUse(const KbUse&) = delete;
  KbUse& operator=(const KbUse&) = delete;
  ~KbUse();

  /// The answer begins: what was written can be read.
  void began(config::TimePoint now);

 private:
  cache::PrefixMemory& memory_;
  cache::PrefixMemory::Receipt receipt_;
  std::optional<Gate::Lead> lead_;
  bool began_ = false;
};

/// Waits until the knowledge base is warm, or it is this request's turn to write it: then it leads.
/// No longer than proxy.gate_max_wait_ms, nor than twice the time in which the provider would read
/// all of it. Ends at once when the client leaves.
Task<std::optional<Gate::Lead>> wait_for_kb(Exchange& exchange, const KbPrefix& kb);

}  // namespace foreword::proxy
