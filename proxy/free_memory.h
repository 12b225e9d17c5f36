// Memory that is free, and that the allocator would keep for later.
#pragma once

namespace foreword::proxy {

/// Gives it back to the system. Costs some milliseconds, and page faults later: for the end of what
/// needs much and is rare. Thread-safe.
void release_free_memory();

}  // namespace foreword::proxy
