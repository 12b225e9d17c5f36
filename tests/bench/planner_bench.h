// What it costs to decide which prefixes of a prompt to have cached, and to remember them.
#pragma once

#include <string>

#include <benchmark/benchmark.h>

namespace foreword::bench {

/// One decision, from the outline to the marks that go out and what is remembered of them, for a
/// prompt of 1,000 segments and a memory of 300,000 prefixes.
void decide_again(benchmark::State& state);    // the same prompt each time
void decide_cold(benchmark::State& state);     // one of 300, in turn: no node is in a near cache
void decide_growing(benchmark::State& state);  // a conversation of two segments more each time

/// Remembers range(0) prefixes. `table` and `heap` are bytes for each of them: of the table, and of
/// all that was allocated, what the classes of prefixes have taught included.
void remember(benchmark::State& state);

}  // namespace foreword::bench
