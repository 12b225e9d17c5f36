// What a request would have cost with the client's own caching alone, so that Foreword claims no
// saving that it did not cause.
//
// A pure function, thread-safe.
#pragma once

#include "cache/ledger_row.h"
#include "config/models.h"
#include "config/money.h"

namespace foreword::cache {

/// Where the knowledge base went in with a breakpoint of Foreword's, and the client set none, its
/// tokens (an estimate) at the plain input price, the others as they were; all of them where
/// Foreword set breakpoints on the client's own segments too. Where a provider caches
/// by itself, or a breakpoint of the client's would have covered the knowledge base too: what was
/// paid. A request of Foreword's own would not have been: nothing. REQUIRES: the row is priced.
[[nodiscard]] config::Picodollars client_only_cost(const config::ModelTable& models,
                                                   const LedgerRow& row);

}  // namespace foreword::cache
