// Records as the admin API shows them. Money is a decimal string in USD, times are RFC 3339 UTC.
#pragma once

#include <boost/json/object.hpp>

#include "cache/ledger_row.h"
#include "cache/savings.h"
#include "config/models.h"
#include "proxy/knowledge_bases.h"
#include "proxy/prewarm.h"

namespace foreword::proxy {

[[nodiscard]] boost::json::object to_json(const cache::LedgerRow& row);
[[nodiscard]] boost::json::object to_json(const cache::Savings& savings);
/// With the base's estimated tokens for every model of the table, and whether it fits its window.
[[nodiscard]] boost::json::object to_json(const cache::KbVersion& version,
                                          const config::ModelTable& models, bool with_details);

[[nodiscard]] boost::json::object to_json(const cache::KbHistoryEntry& entry);
[[nodiscard]] boost::json::object to_json(const Prewarmed& report);

}  // namespace foreword::proxy
