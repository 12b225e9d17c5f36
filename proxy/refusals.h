// What upstreams refused of what Foreword puts into requests, remembered for a while.
//
// Per upstream and model, for limits::kRefusalTime; in memory only: after a restart one request
// finds out anew. Bounded (limits::kMaxRefusals): the oldest goes first. Thread-safe; as long as
// nothing was refused, a look costs one load.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string_view>

#include "assembler/additions.h"
#include "config/hash128.h"
#include "config/models.h"

namespace foreword::proxy {

class Refusals {
 public:
  /// What requests to that upstream and model should do without at that time. A clock that was set
  /// back before a refusal forgets it.
  [[nodiscard]] assembler::Additions known(std::string_view upstream, std::string_view model,
                                           config::TimePoint now) const;
  void remember(std::string_view upstream, std::string_view model, assembler::Addition refused,
                config::TimePoint now);

 private:
  /// When each addition was refused last.
  using Times = std::array<std::optional<config::TimePoint>, std::size(assembler::kAllAdditions)>;

  void make_room(config::TimePoint now);

  mutable std::mutex mutex_;
  std::atomic<bool> any_{false};
  std::map<config::Hash128, Times> entries_;
};

}  // namespace foreword::proxy
