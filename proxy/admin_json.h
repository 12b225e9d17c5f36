// Records as the admin API shows them. Money is a decimal string in USD, times are RFC 3339 UTC.
#pragma once

#include <boost/json/object.hpp>

#include "cache/kb_warmth.h"
#include "cache/ledger_row.h"
#include "cache/misses.h"
#include "cache/savings.h"
#include "cache/spending.h"
#include "proxy/knowledge_bases.h"
#include "proxy/prewarm.h"

namespace foreword::proxy {

[[nodiscard]] boost::json::object to_json(const cache::LedgerRow& row);
[[nodiscard]] boost::json::object to_json(const cache::Savings& savings);
[[nodiscard]] boost::json::object to_json(const cache::Spending& spending);
[[nodiscard]] boost::json::object to_json(const cache::Misses& misses);
/// "warm" is as of `now`.
[[nodiscard]] boost::json::object to_json(const cache::KbWarmth& warmth, config::TimePoint now);
/// With its layers, and its documents or only how many there are.
[[nodiscard]] boost::json::object to_json(const cache::KbVersion& version, bool with_details);

[[nodiscard]] boost::json::object to_json(const cache::KbHistoryEntry& entry);
[[nodiscard]] boost::json::object to_json(const Prewarmed& report);

}  // namespace foreword::proxy
