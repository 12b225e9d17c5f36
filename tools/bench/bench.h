// `foreword bench`: Foreword and other proxies in one run, in turn, against the same upstream.
#pragma once

#include "tools/bench/plan.h"

namespace foreword::bench {

/// Runs it, prints the tables, writes the JSON. Missed budgets are results, not failures.
///
/// REQUIRES: this process has one thread, and no signal is blocked. Throws std::exception when
/// something does not run, Interrupted on Ctrl-C; nothing is left behind either way.
void run(const BenchOptions& options);

/// What is wrong with these options; empty: nothing.
[[nodiscard]] std::string problem_with(const BenchOptions& options);

}  // namespace foreword::bench
