// Deletes ledger rows that are older than the settings say (cache/retention.h).
#pragma once

#include <chrono>
#include <functional>

#include "cache/store.h"
#include "config/models.h"
#include "proxy/background.h"

namespace foreword::proxy {

/// Looks at once and then every quarter of an hour, and deletes in small steps with pauses:
/// requests go on meanwhile. What cannot be deleted is logged and tried again.
void sweep_rows(Background& background, cache::Store& store, std::chrono::days keep,
                const std::function<config::TimePoint()>& now);

}  // namespace foreword::proxy
