// The provider of the bench: reads a request to its last byte, answers at once, and does as little
// as can be done. Streams are sent at the pace that the request asks for.
#pragma once

#include "tools/bench/sockets.h"

namespace foreword::bench {

/// Serves until the process is killed: it runs in a child of its own.
[[noreturn]] void run_stub(const Fd& listener);

}  // namespace foreword::bench
