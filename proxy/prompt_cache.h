// A prompt and the provider's cache: what it is there, what is to be marked, who writes it first,
// and what the answer teaches.
//
// All of it is about models whose cache takes breakpoints. Others have nothing to decide.
#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "assembler/outline.h"
#include "assembler/prompt_path.h"
#include "cache/prefix_memory.h"
#include "config/cache_terms.h"
#include "proxy/cache_evidence.h"
#include "proxy/exchange.h"
#include "proxy/row.h"
#include "proxy/virtual_clock.h"

namespace foreword::proxy {

struct CachedPrompt {
  cache::CacheScope scope;
  config::CacheTerms terms;
  /// Of the knowledge base, as it will stand in the prompt.
  std::vector<assembler::PathLayer> layers;
  assembler::PromptPath path;

  [[nodiscard]] std::uint32_t tokens() const { return path.prefixes.back().tokens; }
};

/// Nothing where the model's cache takes no breakpoints or is not known, and for prompts that are
/// far too small for it. `kb` is nullptr where none goes in.
[[nodiscard]] std::optional<CachedPrompt> cached_prompt(const Exchange& exchange,
                                                        const PromptFacts& facts,
                                                        const AttachedKbs* kb,
                                                        const assembler::Outline& outline);

/// The prompt's prefixes as the ledger keeps them: also where there is nothing to decide.
[[nodiscard]] std::vector<cache::RowPrefix> row_prefixes(const Exchange& exchange,
                                                         const PromptFacts& facts,
                                                         const AttachedKbs* kb,
                                                         const assembler::Outline& outline,
                                                         const std::optional<CachedPrompt>& cached);

/// How long a prompt waits for another one that is writing what it would write too: no longer than
/// proxy.gate_max_wait_ms, nor than twice the time to its own first byte.
class GateWait {
 public:
  GateWait(const Exchange& exchange, const CachedPrompt& prompt);
  GateWait(const GateWait&) = delete;
  GateWait& operator=(const GateWait&) = delete;
  ~GateWait();
  /// False: it goes now. Counts those that begin to wait, and those that gave up.
  [[nodiscard]] bool is_to_wait(const config::Outlook& outlook);
  /// Until it is to be asked again: for limits::kGateTick. On a virtual clock, until that has
  /// passed the time at which the other prompt's answer was expected to begin.
  [[nodiscard]] Task<void> pause();

 private:
  [[nodiscard]] bool has_waited_enough() const;

  const Exchange& exchange_;
  const CachedPrompt& prompt_;
  const std::chrono::milliseconds most_;
  const config::TimePoint began_;
  const SteadyClock::time_point began_steady_;
  config::TimePoint until_;
  bool waited_ = false;
  std::shared_ptr<Timer> timer_;
  std::shared_ptr<VirtualClock::Waiter> waiter_;
  std::shared_ptr<bool> woken_ = std::make_shared<bool>(false);  // the shard's own
};

/// A prompt in the provider's cache from when it is sent. If no answer begins, the memory is told
/// that nothing was written, and who waits may write it.
class CacheUse {
 public:
  /// `outlook`: what the memory said of it; `marks`: all that it carries.
  CacheUse(const Exchange& exchange, const PromptFacts& facts, const CachedPrompt& prompt,
           const config::Outlook& outlook, std::span<const config::Mark> marks);
  CacheUse(const CacheUse&) = delete;
  CacheUse& operator=(const CacheUse&) = delete;
  ~CacheUse();

  /// The answer begins: what was written can be read.
  void began();
  /// What the provider says that it read and wrote.
  void answered(const config::TokenCounts& tokens);

 private:
  const Services& services_;
  std::string_view upstream_;  // the settings'
  std::string_view model_;     // the table's
  AskedOfCache asked_;
  cache::PrefixMemory::Receipt receipt_;
  bool began_ = false;
};

}  // namespace foreword::proxy
