// What answers say of a provider's cache that differs from its documentation: a minimum that is
// higher than the table's, a longer time to live that is asked for and not given.
//
// Per upstream and model, since a gateway may promise less than the provider. In memory only: a
// restart asks anew. Bounded: the oldest goes first. Thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/cache_terms.h"
#include "config/models.h"
#include "config/tokens.h"

namespace foreword::proxy {

/// A prompt as it was sent.
struct AskedOfCache {
  /// Up to the last breakpoint, as estimated.
  std::uint32_t marked_tokens = 0;
  /// All of its breakpoints ask for the longer time to live.
  bool only_extended = false;
};

struct CacheFacts {
  /// Prompts of no more tokens than this (estimated) were marked and not cached; 0: none was.
  std::uint32_t not_cached_up_to = 0;
  /// How many of them there were since a smaller one was cached.
  std::uint32_t times_not_cached = 0;
  /// Of the answers to prompts that asked for the longer time to live only and had something
  /// written: how many there were, and how many say that they were given it.
  std::uint64_t asked_extended = 0;
  std::uint64_t given_extended = 0;
  config::TimePoint last_seen;

  /// One alone may be the provider's bad moment, and would forbid all that is smaller.
  [[nodiscard]] bool has_minimum() const { return times_not_cached >= 3; }
  /// Asked a few times, and never given.
  [[nodiscard]] bool refuses_extended() const { return asked_extended >= 3 && given_extended == 0; }
};

class CacheEvidence {
 public:
  /// The terms by what is known; forgets after limits::kRefusalTime without an answer.
  [[nodiscard]] config::CacheTerms adjust(std::string_view upstream, std::string_view model,
                                          const config::CacheTerms& terms,
                                          config::TimePoint now) const;
  /// `tokens`: as reported by an answer of success. Returns true if it is the one that shows that
  /// the longer time to live is not given.
  bool answered(std::string_view upstream, std::string_view model, const AskedOfCache& asked,
                const config::TokenCounts& tokens, config::TimePoint now);

  struct Known {
    std::string upstream;
    std::string model;
    CacheFacts facts;
  };
  [[nodiscard]] std::vector<Known> all() const;

 private:
  using Names = std::pair<std::string_view, std::string_view>;
  /// A look needs no copies of the names.
  struct ByNames {
    using is_transparent = void;
    bool operator()(const Names& a, const Names& b) const { return a < b; }
  };
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, CacheFacts, ByNames> facts_;
};

}  // namespace foreword::proxy
