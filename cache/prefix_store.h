// The prefix memory at rest, so that a restart knows what is warm and what was learned.
#pragma once

#include <cstddef>
#include <memory>

#include "cache/prefix_memory.h"
#include "cache/store.h"

namespace foreword::cache {

/// In place of what was saved before, in one write: some 50 bytes a prefix. Requests go on
/// meanwhile; each waits for one stripe at most, a few milliseconds.
[[nodiscard]] config::Result<void> save_prefixes(Store& store, const PrefixMemory& memory);

/// What was saved last, or an empty memory that begins at `now`. What cannot be read is thrown
/// away, since all of it can be learned again: `*damaged` then says so.
[[nodiscard]] config::Result<std::unique_ptr<PrefixMemory>> load_prefixes(const Store& store,
                                                                          std::size_t max_bytes,
                                                                          config::TimePoint now,
                                                                          bool* damaged);

}  // namespace foreword::cache
