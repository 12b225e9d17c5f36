// OpenAI's prompt cache from gpt-5.6 on: breakpoints, explicit ones and one that is implied.
//
// The rules (developers.openai.com, prompt caching; npm openai 7.57 types):
//   - `implicit` mode: the latest message end that may be one, and the latest 3 explicit
//   breakpoints.
//     `explicit` mode: the latest 4 explicit ones; without any, nothing is written or read.
//   - Nothing below 1024 tokens; a boundary is exact, not rounded to blocks.
//   - Looked up: the first 2 and the latest 50 explicit breakpoints; in implicit mode also the
//   implied
//     one, up to 20 earlier message ends, and the end of the first developer messages. The longest
//     wins.
//   - Writing is billed by TTL, reading refreshes, lifetimes count from the start of a request.
//
// plan_breakpoints is pure. OpenAiCache is bounded and safe to use from any thread.
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

enum class OpenAiTtl : std::uint8_t { half_hour, twelve_hours };

/// A place in a prompt where a reusable prefix may end.
struct Boundary {
  std::uint64_t position = 0;  // tokens in front of it
  config::Hash128 prefix;      // of those tokens
  std::optional<OpenAiTtl> marker;
  bool is_message_end = false;    // of a kind that an implied breakpoint may use
  bool is_developer_end = false;  // of the developer messages that open the prompt
};

struct BreakpointPolicy {
  bool is_explicit = false;  // prompt_cache_options.mode
  OpenAiTtl ttl{};           // of the implied breakpoint
  bool share_developer_block = false;
};

struct BreakpointPlan {
  std::vector<Boundary> writes;  // ascending; each has a marker
  std::vector<Boundary> reads;   // descending
};

/// `boundaries` ascend.
[[nodiscard]] BreakpointPlan plan_breakpoints(std::span<const Boundary> boundaries,
                                              const BreakpointPolicy& policy);

struct OpenAiUsage {
  std::uint64_t input = 0;  // neither read nor written
  std::uint64_t cached = 0;
  std::uint64_t written_30m = 0;
  std::uint64_t written_12h = 0;

  [[nodiscard]] std::uint64_t written() const { return written_30m + written_12h; }
  [[nodiscard]] std::uint64_t total() const { return input + cached + written(); }
  bool operator==(const OpenAiUsage&) const = default;
};

class OpenAiCache {
 public:
  struct Write {
    config::Hash128 key;
    OpenAiTtl ttl{};
    TimePoint start;
  };
  struct Lookup {
    OpenAiUsage usage;
    std::vector<Write> writes;  // to be handed to publish() when the answer begins
  };

  /// `scope`: account, model, prompt_cache_key and the settings that change a prompt's prefix.
  [[nodiscard]] Lookup look_up(const config::Hash128& scope, const BreakpointPlan& plan,
                               std::uint64_t prompt_tokens, TimePoint start);
  void publish(std::span<const Write> writes);
  void clear();

 private:
  struct Entry {
    OpenAiTtl ttl{};
    TimePoint expires;
  };
  struct KeyHash {
    using is_avalanching = void;
    std::size_t operator()(const config::Hash128& key) const { return key.low ^ key.high; }
  };
  static constexpr std::size_t kMaxEntries = 1u << 20;

  [[nodiscard]] bool touch(const config::Hash128& key, TimePoint start);
  void make_room(TimePoint now);

  std::mutex mutex_;
  boost::unordered_flat_map<config::Hash128, Entry, KeyHash> entries_;
};

}  // namespace foreword::simulator
