// Lets one request write a prefix to the provider's cache while the others that would write it too
// wait for it.
//
// Thread-safe. Nobody waits in here: who is not the leader asks again, so that a leader that fails
// is followed by whoever asks next, and nothing can lock up.
#pragma once

#include <mutex>
#include <optional>

#include <boost/unordered/unordered_flat_set.hpp>

#include "config/hash128.h"

namespace foreword::proxy {

class Gate {
 public:
  /// As long as it lives, nobody else leads.
  class Lead {
   public:
    Lead(Gate& gate, const config::Hash128& prefix) : gate_(&gate), prefix_(prefix) {}
    Lead(Lead&& other) noexcept : gate_(other.gate_), prefix_(other.prefix_) {
      other.gate_ = nullptr;
    }
    Lead& operator=(Lead&&) = delete;
    ~Lead() {
      if (gate_ != nullptr) gate_->leave(prefix_);
    }

   private:
    Gate* gate_;
    config::Hash128 prefix_;
  };

  /// Nothing: another request leads.
  [[nodiscard]] std::optional<Lead> try_lead(const config::Hash128& prefix);

 private:
  struct HashOfHash {
    using is_avalanching = void;
    std::size_t operator()(const config::Hash128& hash) const { return hash.low; }
  };
  void leave(const config::Hash128& prefix);

  std::mutex mutex_;
  boost::unordered_flat_set<config::Hash128, HashOfHash> led_;
};

}  // namespace foreword::proxy
