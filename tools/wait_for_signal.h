// Waits until the process is told to stop, or to read its files again.
#pragma once

#include <cstdint>

namespace foreword::tools {

enum class Signal : std::uint8_t { stop, reload };

/// Blocks SIGINT and SIGTERM for this thread and all it starts later. Call before any thread
/// starts.
void block_stop_signals();
/// SIGHUP too: for programs that have something to read again.
void block_reload_signal();
/// Returns when one of those that are blocked arrives.
Signal wait_for_signal();

}  // namespace foreword::tools
