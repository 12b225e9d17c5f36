// Waits until the process is told to stop.
#pragma once

namespace foreword::tools {

/// Blocks SIGINT and SIGTERM for this thread and all it starts later. Call before any thread
/// starts.
void block_stop_signals();
/// Returns when one of them arrives.
void wait_for_stop_signal();

}  // namespace foreword::tools
