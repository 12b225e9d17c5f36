// Which of several values of prompt_cache_key the next request of a prefix gets.
//
// OpenAI before gpt-5.6 sends requests to a machine by the front of their prompt and their key, and
// above some 15 a minute (limits::kRequestsPerCacheKey) to others, whose caches are cold. So a busy
// prefix has several keys, each for as much traffic as one machine takes.
//
// It is counted here what this process sends: several proxies in front of one account should share
// a prefix only where each has its part of the 15.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "config/hash128.h"
#include "config/limits.h"

namespace foreword::proxy {

using AffinityTime = std::chrono::steady_clock::time_point;

/// The keys of one prefix: as many as its traffic needs. The decision alone: no clock, no lock.
///
/// - No key gets more than kRequestsPerCacheKey requests in any kCacheKeyWindow, unless all
///   kMaxCacheKeyShards are as full.
/// - A key that is in use and has room is taken before a new one is: its cache is warm.
/// - Requests of one conversation meet at one key while it has room, also when keys are added: most
///   conversations stay where they are.
/// - Keys are given up, the last first, when the traffic of a whole kCacheKeyMergeTime would have
///   left a third of fewer keys' room free; and all but the first after kCacheKeyIdleTime.
class KeyShards {
 public:
  /// The key's number, from 0, for a request at `now`, which is counted.
  [[nodiscard]] std::size_t next(std::uint64_t conversation, AffinityTime now);

  [[nodiscard]] std::size_t in_use() const { return in_use_; }
  [[nodiscard]] AffinityTime last_request() const { return last_request_; }

 private:
  /// The latest requests of one key; what is older than a minute is as good as none.
  struct Shard {
    Shard() { at.fill(AffinityTime::min()); }
    [[nodiscard]] AffinityTime oldest() const { return at[next]; }
    [[nodiscard]] bool has_room(AffinityTime now) const;
    void count(AffinityTime now);

    std::array<AffinityTime, config::limits::kRequestsPerCacheKey> at;
    std::size_t next = 0;
  };

  void merge(AffinityTime now);
  [[nodiscard]] std::size_t choose(std::uint64_t conversation, AffinityTime now);
  [[nodiscard]] std::size_t requests_in_window(AffinityTime now) const;

  std::vector<Shard> shards_{1};  // of those behind in_use_, the last minute is still known
  std::size_t in_use_ = 1;
  std::size_t calm_peak_ = 0;  // the most requests of a minute since it has been calm
  AffinityTime calm_since_ = AffinityTime::max();
  AffinityTime last_request_ = AffinityTime::min();
};

/// The keys of all prefixes. Thread-safe; bounded (limits::kMaxCountedCacheKeys): the prefix that
/// was quiet longest is forgotten first, and starts again with one key.
class Affinity {
 public:
  /// `prefix` names the prompt's front together with all that keeps caches apart: upstream, model,
  /// account.
  [[nodiscard]] std::size_t next(const config::Hash128& prefix, std::uint64_t conversation,
                                 AffinityTime now);

 private:
  static constexpr std::size_t kStripes = 16;
  struct Stripe {
    std::mutex mutex;
    std::map<config::Hash128, KeyShards> prefixes;
  };
  std::array<Stripe, kStripes> stripes_;
};

/// "KEY", "KEY-1", "KEY-2" and so on: the same after a restart and on every machine.
[[nodiscard]] std::string shard_name(std::string_view key, std::size_t shard);

}  // namespace foreword::proxy
