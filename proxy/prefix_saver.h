// Saves what is remembered of prefixes, so that a restart knows what is warm.
#pragma once

#include "cache/prefix_store.h"
#include "proxy/background.h"

namespace foreword::proxy {

/// What was saved before; an empty memory where that cannot be read, which is logged.
[[nodiscard]] std::unique_ptr<cache::PrefixMemory> load_prefixes(const cache::Store& store,
                                                                 config::TimePoint now);

/// Every ten minutes, and once more at the end: a process that is killed loses what it has learned
/// since, and sends some prefixes plain that are warm.
void save_prefixes(Background& background, cache::Store& store, const cache::PrefixMemory& memory);

}  // namespace foreword::proxy
