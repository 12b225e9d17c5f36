// Implicit prefix caching: any common front of two prompts is reused, in blocks of 128 tokens.
//
// This is OpenAI's cache before gpt-5.6 and Gemini's: nothing is marked, writing is free, and a hit
// is the longest run of whole blocks, from the first token on, that some earlier prompt had too.
// Blocks become readable when the answer of their writer begins.
//
// Memory is bounded: see kMaxBlocks. Safe to use from any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "config/hash128.h"
#include "simulator/clock.h"
#include "simulator/tokenizer.h"

namespace foreword::simulator {

/// How long a block lives: `idle` since its last use, and never longer than `most` since its write.
struct PrefixLifetime {
  std::chrono::seconds idle{};
  std::chrono::seconds most{};
};

class PrefixCache {
 public:
  struct Lookup {
    std::uint64_t cached_tokens = 0;
    std::vector<std::uint64_t> blocks;  // to be handed to publish() when the answer begins
    PrefixLifetime lifetime;
    TimePoint start;
  };

  /// `scope` is what prefixes are not shared across. Below `min_tokens` nothing is a hit.
  [[nodiscard]] Lookup look_up(const config::Hash128& scope, std::span<const Token> tokens,
                               std::uint64_t min_tokens, PrefixLifetime lifetime, TimePoint start);
  void publish(const Lookup& lookup);
  void clear();

 private:
  struct Entry {
    TimePoint used;
    TimePoint written;
    PrefixLifetime lifetime;
    [[nodiscard]] bool is_live(TimePoint now) const {
      return now < used + lifetime.idle && now < written + lifetime.most;
    }
  };
  static constexpr std::size_t kMaxBlocks = 1u << 20;

  void make_room(TimePoint now);

  std::mutex mutex_;
  boost::unordered_flat_map<std::uint64_t, Entry> entries_;
};

}  // namespace foreword::simulator
