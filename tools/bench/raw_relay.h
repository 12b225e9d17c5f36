// The least that a relay can do: copies bytes between two sockets and looks at none of them. What
// it costs is the physics of this machine, and the measure of every proxy.
#pragma once

#include <cstdint>

#include "tools/bench/sockets.h"

namespace foreword::bench {

/// Serves until the process is killed: it runs in a child of its own.
[[noreturn]] void run_raw_relay(const Fd& listener, std::uint16_t upstream_port);

}  // namespace foreword::bench
