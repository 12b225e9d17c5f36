// The ledger as a trace: what its requests would have cost under other policies, or with another
// model.
#pragma once

#include "config/result.h"
#include "tools/admin_connection.h"
#include "tools/ledger_pages.h"
#include "tools/replay/trace.h"

namespace foreword::tools {

/// All requests of the range that were billed and were not Foreword's own, a prompt's segments cut
/// into the trace's blocks. Tokens are those that Foreword estimated from bytes, so that prompts
/// which begin alike are cut alike. A short prompt, or one of before prefixes were kept, is one
/// that nobody shares. An Error where there is no such request.
[[nodiscard]] config::Result<replay::Trace> read_ledger_trace(const AdminConnection& admin,
                                                              LedgerQuestion question);

}  // namespace foreword::tools
