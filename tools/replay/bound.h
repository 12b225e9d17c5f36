// The clairvoyant bound: what a trace costs at least, to someone who knows the future.
#pragma once

#include "config/cache_terms.h"
#include "tools/replay/trace.h"

namespace foreword::replay {

enum class Pings : bool { no, yes };

/// In tokens of plain input, at the times of the trace. For every segment by itself the cheapest
/// choice at each of its uses: plain, written for either time, or read if what was written lasts.
/// It waits for no first byte, needs no marks and knows no minimum. With pings, what was written is
/// also kept for as long as that pays, at a read per time to live. Linear in the uses of segments;
/// 16 bytes per different segment.
[[nodiscard]] double clairvoyant_bound(const Trace& trace, const config::CacheTerms& terms,
                                       Pings pings);

}  // namespace foreword::replay
