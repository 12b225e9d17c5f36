// Which shared prefixes to keep warm between requests, and until when: by what it will probably
// save.
//
// A ping reads an entry just before it expires: at a tenth of the prefix's price it lives for
// another time to live. It has paid if the prefix is used within that time, since it is then read
// and not written again. How often that happens is learned, for each prefix and from all of them. A
// prefix that is not used again costs at most what writing it once more would have: then it is let
// go until its next use.
//
// Decides only: whoever asks sends the ping. Not thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "config/outlook.h"

namespace foreword::cache {

/// Of a cached token, in units of plain input.
struct KeepWarmPrices {
  double read = 0;
  double write = 0;  // with the entry's time to live
};

class WarmKeeper {
 public:
  /// `ahead`: how long before an entry expires its ping is due.
  explicit WarmKeeper(std::chrono::milliseconds ahead) : ahead_(ahead) {}

  /// A prompt used the prefix that ends at `position` of it; its entry lives until `expires`. Other
  /// prefixes of that prompt need not be kept any more: this one serves.
  void used(std::span<const config::PromptPrefix> prompt, std::uint32_t position,
            config::TimePoint expires, const KeepWarmPrices& prices);
  /// A ping has been sent: the entry lives until `expires`.
  void pinged(const config::Hash128& prefix, config::TimePoint expires);
  /// It is not kept any more until it is used.
  void let_go(const config::Hash128& prefix);

  /// When the next decision is due; nothing: none is.
  [[nodiscard]] std::optional<config::TimePoint> next() const;
  /// Prefixes that are due at `now` and worth a ping, in the order of their time; those that are
  /// not are let go. Each is handed out once until pinged() or used() says how long it lives.
  [[nodiscard]] std::vector<config::Hash128> due(config::TimePoint now);

 private:
  struct Kept {
    config::TimePoint due;
    bool waiting = false;
    KeepWarmPrices prices;
    std::uint32_t unanswered = 0;  // pings since its last use
    double paid = 0;               // pings that were followed by a use in time
    double lost = 0;
  };
  struct HashOfHash {
    using is_avalanching = void;
    std::size_t operator()(const config::Hash128& hash) const { return hash.low; }
  };

  void wait_until(const config::Hash128& prefix, Kept& kept, config::TimePoint expires);
  void stop_waiting(const config::Hash128& prefix, Kept& kept);
  [[nodiscard]] bool is_worth_it(const Kept& kept) const;

  std::chrono::milliseconds ahead_;
  boost::unordered_flat_map<config::Hash128, Kept, HashOfHash> kept_;
  std::multimap<config::TimePoint, config::Hash128> waiting_;
  double paid_ = 0;
  double lost_ = 0;
};

}  // namespace foreword::cache
