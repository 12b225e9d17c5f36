// Has providers write a new version of a knowledge base to their caches before a client pays for
// it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/outlook.h"
#include "proxy/attached_kbs.h"
#include "proxy/knowledge_bases.h"
#include "proxy/services.h"

namespace foreword::proxy {

inline constexpr std::string_view kPrewarmLabel = "foreword/pre-warm";
inline constexpr std::string_view kKeepWarmLabel = "foreword/keep-warm";

/// What became of one model's request.
struct Prewarmed {
  std::string model;
  unsigned status = 0;  // of the provider's answer; 0: there was none
  std::uint64_t tokens_written = 0;
  std::uint64_t tokens_read = 0;  // these were warm already
  config::Picodollars cost = 0;
  std::string reason;  // why it is not warm; empty: it is
};

/// For each model one request whose prefix has the bytes that a client's request without tools of
/// its own gets, made by the same scan, plan and splice, and which generates nothing. Blocks for
/// the answers, one after another; each costs what the provider writes, and gets a row in the
/// ledger with the label "foreword/pre-warm". Never fails: `reason` says what was not done, and
/// why. Thread-safe.
[[nodiscard]] std::vector<Prewarmed> prewarm(const Services& services,
                                             const std::shared_ptr<const LoadedKb>& kb,
                                             const std::vector<std::string>& models);

/// A request that keeps it warm.
struct KeepWarmRequest {
  const AttachedKbs& kb;
  const config::UpstreamSettings& upstream;
  std::string model;
  /// The entries' time to live.
  config::Lifetime lifetime{};
};
/// As prewarm(), for one upstream, with the label "foreword/keep-warm": reads the layers once more,
/// so that they live for another time to live.
[[nodiscard]] Prewarmed keep_warm(const Services& services, const KeepWarmRequest& request);

/// Whether there is a request for that model which reads a cache and generates nothing.
[[nodiscard]] bool can_keep_warm(const config::Model& model);

}  // namespace foreword::proxy
