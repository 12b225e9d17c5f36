// What Foreword does, replayed: the same memory, planner, gate and warm-keeper as in the proxy,
// which start from nothing and learn from the requests that they have seen.
#pragma once

#include <memory>

#include "tools/replay/policy.h"

namespace foreword::replay {

/// `keeps_warm`: pings prefixes that several prompts share, where that is expected to pay. The
/// trace has to outlive it.
[[nodiscard]] std::unique_ptr<Policy> foreword_policy(const Trace& trace,
                                                      const config::CacheTerms& terms,
                                                      bool keeps_warm);

}  // namespace foreword::replay
