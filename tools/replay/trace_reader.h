// Reads traces: lines of {"timestamp": ms, "input_length": tokens, "output_length": tokens,
// "hash_ids": [numbers]}, plain or gzip, as the Mooncake traces are (FAST'25, Apache-2.0).
//
// A hash id names the whole prefix up to and including its block of 512 tokens, so a request has
// one for each full block and one for what is left. Other keys are ignored, and so are empty lines.
#pragma once

#include <filesystem>
#include <span>

#include "config/result.h"
#include "tools/replay/trace.h"

namespace foreword::replay {

/// Several files are one trace: merged by time, each with hash ids of its own. An Error names file
/// and line, and what is wrong with it. Holds one line at a time.
[[nodiscard]] config::Result<Trace> read_traces(std::span<const std::filesystem::path> files);

}  // namespace foreword::replay
