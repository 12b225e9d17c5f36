// GET /api/explanation: one request's story, for `foreword explain`.
#pragma once

#include <string_view>

#include "cache/store.h"
#include "proxy/admin_response.h"
#include "proxy/services.h"

namespace foreword::proxy {

/// "id": a request's; the latest where it is left out. The answer:
///
///     request    its row, as in /api/requests/ID
///     cache      "cause" (cache/cache_story.h), "before", "since_before_s", "time_to_live_s"
///     bill       null without a price; else the arithmetic by the table that is in force:
///                "table", "long_context", "lines" of class, tokens, usd_per_million and usd,
///                "factors", "usd". It is the row's cost where "agrees" is true; a row keeps the
///                price that it once got.
///     scenarios  name -> usd: "paid", "uncached", and by the same table "all_read" (had everything
///                that was written been in the cache), "all_written" (had nothing been), and
///                "without_kb" (without the tokens of the knowledge base, an estimate). Empty
///                without a price.
///
/// Thread-safe; blocks while it reads the store.
[[nodiscard]] AdminResponse explanation(const Services& services, const cache::Store& store,
                                        std::string_view query);

}  // namespace foreword::proxy
