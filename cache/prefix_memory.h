// Remembers the prefixes of prompts: which are warm at the provider and until when, how often they
// are used, and where the paths of prompts part.
//
// Hashes, lengths and times only. A prefix that was seen is known whether it was written to the
// provider's cache or not: what writing it would have been worth is learned without paying for it.
//
// Thread-safe. All prefixes that begin with the same segment lie in one stripe, so that a request
// takes one lock, for some 20 ns a segment. Bounded: the prefixes that were used least recently go
// first.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "config/outlook.h"

namespace foreword::cache {

/// What caches are not shared across, how long their entries live, and how they are found.
struct CacheScope {
  /// Names provider, model and account. The hashes of prefixes have to depend on it too.
  config::Hash128 id;
  std::chrono::seconds brief{};
  std::chrono::seconds extended{};
  /// Positions that are looked at from each breakpoint back, its own included.
  std::uint32_t lookback = 1;
};

/// From when on what a request writes can be read.
struct Visible {
  config::TimePoint at;
  /// `at` is a guess: not before began() is called.
  bool once_begun = false;
};

class PrefixMemory {
 public:
  /// Times before `start` count as `start`.
  PrefixMemory(std::size_t max_bytes, config::TimePoint start);
  ~PrefixMemory();
  PrefixMemory(const PrefixMemory&) = delete;
  PrefixMemory& operator=(const PrefixMemory&) = delete;

  /// What to expect of a prompt; `prefixes`: all of its positions. Nothing changes by asking.
  [[nodiscard]] config::Outlook outlook(const CacheScope& scope,
                                        std::span<const config::PromptPrefix> prefixes,
                                        config::TimePoint now);

  /// The entries that a request writes, for what becomes of it.
  struct Receipt {
    config::Hash128 root;
    std::array<config::Hash128, 4> written{};
    std::size_t count = 0;
    /// The position up to which the provider reads, if all is as it is remembered; 0: none.
    std::uint32_t read = 0;
    config::Hash128 read_entry;
    config::TimePoint sent;
    /// The longest prefix that several prompts share and that has an entry; 0: none has. Of those
    /// that hold nearly as much, the one that lives longest.
    std::uint32_t shared = 0;
    config::Lifetime shared_lifetime{};
    config::TimePoint shared_expires;
  };
  /// The prompt goes out now with these breakpoints (ascending, at most 4). The provider reads the
  /// longest entry that they reach, and writes what they mark behind it.
  Receipt sent(const CacheScope& scope, std::span<const config::PromptPrefix> prefixes,
               std::span<const config::Mark> marks, config::TimePoint now, Visible visible);
  /// The answer has begun: what the request wrote is readable from now on.
  void began(const Receipt& receipt, config::TimePoint now);
  /// A ping read an entry at the end of `prefix`: it lives until `expires`.
  void kept_warm(const config::Hash128& root, const config::Hash128& prefix,
                 config::TimePoint expires);
  /// There was no answer, or it says that nothing was written.
  void not_written(const Receipt& receipt);
  /// The answer says that nothing was read: the entry had gone.
  void not_read(const Receipt& receipt);

  /// All of it, a piece at a time, each of one moment. Entries that are still being written are
  /// saved as none: who restores them will not learn what became of the request.
  void save(const std::function<void(std::string key, std::string value)>& put) const;
  /// A piece that was saved; they come in the order of their keys, before anything else is asked.
  /// False: it is damaged, or another program's, and this memory had better be thrown away.
  [[nodiscard]] bool restore(std::string_view key, std::string_view value);

  /// How many have an entry that can be read at that time. Looks at all of them, some 5 ms per
  /// 100,000.
  [[nodiscard]] std::size_t warm(config::TimePoint now) const;
  /// How many are remembered, and in how many bytes.
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] std::size_t bytes() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace foreword::cache
