// Keeps knowledge bases in the provider's cache between requests, where their settings ask for it.
//
// When a ping is due, and until when it is expected to pay, cache/warm_keeper.h decides; here are
// the key, the cap of a day and the request. Only what stands first of all in a prompt is kept: a
// ping cannot repeat a client's tools, and only in its current version.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include <boost/unordered/unordered_flat_map.hpp>

#include "cache/daily_cap.h"
#include "cache/warm_keeper.h"
#include "proxy/background.h"
#include "proxy/prompt_cache.h"
#include "proxy/services.h"

namespace foreword::proxy {

/// Thread-safe.
class KeepWarm {
 public:
  /// `spent_today`: by pings of an earlier process; counted for each knowledge base, since the sums
  /// do not say whose it was. Nothing: nobody knows, so it may have been all.
  KeepWarm(const Services& services, std::optional<config::Picodollars> spent_today);

  /// Whether any knowledge base asks for it.
  [[nodiscard]] bool has_work() const { return !caps_.empty(); }
  /// A prompt with it is being sent; `mark` is the breakpoint at its end.
  void used(const Exchange& exchange, const std::shared_ptr<const AttachedKbs>& kb,
            const std::string& model, const CachedPrompt& prompt, const config::Mark& mark);
  /// Sends the pings that are due, one after another; what other threads send goes on beside them.
  void ping_due();

 private:
  struct Kept {
    std::shared_ptr<const AttachedKbs> kb;
    const config::UpstreamSettings* upstream = nullptr;
    std::string model;
    config::Lifetime lifetime{};
    std::chrono::seconds lives{};
    config::Hash128 root;
    config::Picodollars price = 0;  // of a ping that has to write it
    config::TimePoint used;
  };
  struct HashOfHash {
    using is_avalanching = void;
    std::size_t operator()(const config::Hash128& hash) const { return hash.low; }
  };

  [[nodiscard]] bool asked_for(const AttachedKbs& kb) const;
  [[nodiscard]] bool is_current(const AttachedKbs& kb) const;
  [[nodiscard]] std::optional<config::Hash128> take_due(config::TimePoint now);
  [[nodiscard]] std::optional<Kept> allowed_now(const config::Hash128& prefix,
                                                config::TimePoint now);
  void ping(const config::Hash128& prefix);
  void tell_if_too_dear(const Kept& kept);
  void make_room();
  template <class Visit>
  bool all_caps(const AttachedKbs& kb, const Visit& visit);

  const Services& services_;
  std::mutex mutex_;
  std::map<std::string, cache::DailyCap, std::less<>> caps_;  // by knowledge base
  cache::WarmKeeper keeper_;
  boost::unordered_flat_map<config::Hash128, Kept, HashOfHash> kept_;
};

/// What earlier processes have spent on pings in that day (UTC); nothing: it cannot be read.
[[nodiscard]] std::optional<config::Picodollars> spent_on_pings(const cache::Store& store,
                                                                config::TimePoint now);

/// Several times a second, until the end.
void keep_warm(Background& background, KeepWarm& keeper);

}  // namespace foreword::proxy
