// Every row of the ledger, from a running proxy or a store, one page in memory at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include <boost/json/object.hpp>

#include "cache/ledger.h"
#include "config/result.h"
#include "tools/admin_connection.h"

namespace foreword::tools {

struct LedgerQuestion {
  cache::TimeRange range;
  std::string label;      // exactly, or "(none)"; empty: all
  bool prefixes = false;  // with those of each prompt
};

/// Rows as /api/ledger tells them (proxy/admin_json.h), oldest first; `visit` returns false to
/// stop. Returns how many were visited.
[[nodiscard]] config::Result<std::uint64_t> for_each_ledger_row(
    const AdminConnection& admin, const LedgerQuestion& question,
    const std::function<bool(const boost::json::object&)>& visit);

}  // namespace foreword::tools
