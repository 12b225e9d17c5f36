// GET /api/ledger: the ledger's rows in the order of time, a page at a time.
//
// For exports and comparisons that need every row. /api/requests shows the latest.
#pragma once

#include <string_view>

#include "cache/store.h"
#include "proxy/admin_response.h"
#include "proxy/services.h"

namespace foreword::proxy {

/// The value of "label" that means rows without one, as in savings.
inline constexpr std::string_view kNoLabel = "(none)";

/// Parameters, all optional: "from" and "to" (start times, half-open), "label" (exactly),
/// "limit" (rows of one page), "first" (the id to begin with), and "prefixes": 1 adds those of each
/// prompt, as [hash, tokens] (cache::RowPrefix).
///
/// {"requests": [...], "next": id or null}: where there is a next page, its "first" is "next". A
/// page looks at a bounded number of rows, so it may hold fewer than "limit", or none, and still
/// have a next one. Rows that are written while somebody pages are in the pages that are read
/// later; a row is in no two of them. Thread-safe; blocks while it reads the store.
[[nodiscard]] AdminResponse ledger_page(const Services& services, const cache::Store& store,
                                        std::string_view query);

}  // namespace foreword::proxy
