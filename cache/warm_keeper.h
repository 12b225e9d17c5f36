// Which shared prefixes to keep warm between requests, and until when: by what it will probably
// save.
//
// A ping reads an entry just before it expires: at a tenth of the prefix's price it lives for
// another time to live. It has paid if the prefix is used within that time, since it is then read
// and not written again. How often that happens is learned without paying for it: after an entry
// has gone, the times to live until its next use tell which pings would have paid. It is learned
// for each prefix, and from all that were used as often and have waited as long.
//
// Decides only: whoever asks sends the ping. Not thread-safe.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>

#include <boost/unordered/unordered_flat_map.hpp>

#include "config/cache_terms.h"
#include "config/outlook.h"

namespace foreword::cache {

/// Of an entry. Prices of a cached token are in units of plain input.
struct KeepWarmTerms {
  double read = 0;
  double write = 0;  // with the entry's time to live
  /// How much more a write for a longer time to live costs; 0: there is none longer.
  double longer = 0;
  std::chrono::seconds lives{};
};
[[nodiscard]] KeepWarmTerms keep_warm_terms(const config::CacheTerms& terms,
                                            config::Lifetime lifetime);

class WarmKeeper {
 public:
  /// `ahead`: how long before an entry expires its ping is due.
  explicit WarmKeeper(std::chrono::milliseconds ahead) : ahead_(ahead) {}

  /// A prompt used the prefix that ends at `position` of it; its entry lives until `expires`. Other
  /// prefixes of that prompt need not be kept any more: this one serves.
  void used(std::span<const config::PromptPrefix> prompt, std::uint32_t position,
            config::TimePoint expires, const KeepWarmTerms& terms);
  /// A ping has been sent: the entry lives until `expires`, or longer if it has been used since.
  void pinged(const config::Hash128& prefix, config::TimePoint expires);
  /// It is not kept any more until it is used.
  void let_go(const config::Hash128& prefix);
  /// As if it had never been used.
  void forget(const config::Hash128& prefix);

  /// When the next decision is due, or something is to be learned; nothing: neither.
  [[nodiscard]] std::optional<config::TimePoint> next() const;
  /// The first that is due at `now`, can still be read and is worth a ping; those before it that
  /// are not are let go. It is not handed out again until pinged() or used() says how long it
  /// lives.
  [[nodiscard]] std::optional<config::Hash128> take_due(config::TimePoint now);

 private:
  /// By how many times to live an entry has waited: one, two or three, more.
  static constexpr std::size_t kWaits = 3;
  /// By how often a prefix was used.
  static constexpr std::size_t kUses = 3;
  struct Counts {
    double paid = 0;  // pings, sent or not, that a use followed in time
    double lost = 0;
  };
  using CountsByWait = std::array<Counts, kWaits>;

  struct Kept {
    config::TimePoint due;
    bool waiting = false;
    bool cold = false;  // its entry has gone: no ping can read it
    KeepWarmTerms terms;
    config::TimePoint expires;
    double tokens = 0;
    config::Hash128 inner;  // the longest prefix of this one that is known here too, if any is
    std::uint32_t uses = 0;
    std::uint32_t waited = 0;  // times to live since its last use
    std::uint32_t sent = 0;    // pings since its last use
    std::uint32_t kept = 0;    // pings since it was written
    CountsByWait own{};
  };
  struct HashOfHash {
    using is_avalanching = void;
    std::size_t operator()(const config::Hash128& hash) const { return hash.low; }
  };

  void answered(Kept& kept);
  void count(Kept& kept, double Counts::*what);
  [[nodiscard]] Counts& shared_of(const Kept& kept, std::size_t wait);
  void wait_until(const config::Hash128& prefix, Kept& kept, config::TimePoint due);
  void stop_waiting(const config::Hash128& prefix, Kept& kept);
  /// The part of it that its loss would cost: all, or what is behind a prefix that lives.
  [[nodiscard]] double share_at_stake(const Kept& kept, config::TimePoint now) const;
  /// That a ping pays which is sent after such a wait.
  [[nodiscard]] double chance(const Kept& kept, std::size_t wait);
  [[nodiscard]] bool is_worth_it(const Kept& kept, config::TimePoint now);

  std::chrono::milliseconds ahead_;
  boost::unordered_flat_map<config::Hash128, Kept, HashOfHash> kept_;
  std::multimap<config::TimePoint, config::Hash128> waiting_;
  std::array<std::array<CountsByWait, kUses>, 2> shared_{};  // of brief ones, and others
};

}  // namespace foreword::cache
