// What people do without a planner: the same marks for every prompt, and never a wait.
//
// Each gives sets of marks that refusal() lets pass, under any terms with marks. Traces and terms
// have to outlive them.
#pragma once

#include <cstdint>
#include <memory>

#include "config/cache_terms.h"
#include "tools/replay/policy.h"

namespace foreword::replay {

/// Marks nothing. What that costs is the provider's own doing.
[[nodiscard]] std::unique_ptr<Policy> mark_nothing();

/// The last segment, full or not: what a provider's automatic mode marks.
[[nodiscard]] std::unique_ptr<Policy> mark_end(const Trace& trace, std::int32_t ttl_s);

/// The last full segment.
[[nodiscard]] std::unique_ptr<Policy> mark_last_full(const Trace& trace, std::int32_t ttl_s);

/// The longest prefix that an earlier request had too, else all full segments: what somebody marks
/// who knows the own prompts.
[[nodiscard]] std::unique_ptr<Policy> mark_head(const Trace& trace, std::int32_t ttl_s);

/// The last full segment and those 20, 40 and 60 in front of it, so that look-ups join up.
[[nodiscard]] std::unique_ptr<Policy> mark_spread(const Trace& trace,
                                                  const config::CacheTerms& terms,
                                                  std::int32_t ttl_s);

}  // namespace foreword::replay
