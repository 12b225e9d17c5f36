// Anthropic's prompt cache: entries written at breakpoints, found by looking back from breakpoints.
//
// The rules (platform.claude.com, prompt caching):
//   - A prefix is tools, then system, then messages, hashed cumulatively block by block.
//   - Only a breakpoint writes, one entry each, and only at or above the model's minimum.
//   - From each breakpoint, last first, at most 20 positions are checked, its own included.
//   - An entry can be read once the writer's answer has begun, and until its TTL has run from the
//   start
//     of the request that wrote or last read it.
//   - Billing: A is the highest hit, B the highest 1h breakpoint behind A, C the last breakpoint. A
//   is
//     read, A to B is written for an hour, B to C for five minutes, the rest is plain input.
//
// Memory is bounded: see kMaxEntries. Safe to use from any thread.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "config/hash128.h"
#include "simulator/clock.h"

namespace foreword::simulator {

enum class AnthropicTtl : std::uint8_t { five_minutes, one_hour };

/// One cacheable unit of a prompt, in prefix order.
struct AnthropicBlock {
  config::Hash128 prefix;  // of everything up to and including this block
  std::uint64_t tokens = 0;
  std::optional<AnthropicTtl> marker;
};

struct AnthropicUsage {
  std::uint64_t input = 0;
  std::uint64_t cache_read = 0;
  std::uint64_t write_5m = 0;
  std::uint64_t write_1h = 0;

  /// Prompt tokens that are not plain input.
  [[nodiscard]] std::uint64_t cached() const { return cache_read + write_5m + write_1h; }
  bool operator==(const AnthropicUsage&) const = default;
};

class AnthropicCache {
 public:
  struct Write {
    config::Hash128 key;
    AnthropicTtl ttl{};
    TimePoint start;
  };
  struct Lookup {
    AnthropicUsage usage;
    std::vector<Write> writes;  // to be handed to publish() when the answer begins
  };

  /// `scope` is what caches are not shared across: workspace and model. `start` is when the request
  /// came.
  [[nodiscard]] Lookup look_up(const config::Hash128& scope, std::span<const AnthropicBlock> blocks,
                               std::uint64_t min_tokens, TimePoint start);
  void publish(std::span<const Write> writes);
  void clear();

 private:
  struct Entry {
    AnthropicTtl ttl{};
    TimePoint expires;
  };
  struct KeyHash {
    using is_avalanching = void;
    std::size_t operator()(const config::Hash128& key) const { return key.low ^ key.high; }
  };
  /// At about 50 bytes each; the provider promises a minimum lifetime, but has no such load.
  static constexpr std::size_t kMaxEntries = 1u << 20;

  [[nodiscard]] Entry* find_live(const config::Hash128& key, TimePoint now);
  void make_room(TimePoint now);

  std::mutex mutex_;
  boost::unordered_flat_map<config::Hash128, Entry, KeyHash> entries_;
};

}  // namespace foreword::simulator
