// Requests that are none of ours to read: both bodies stream through, byte for byte.
#pragma once

#include "proxy/exchange.h"

namespace foreword::proxy {

/// True: the client's connection can take another request. A protocol switch (WebSocket) becomes a
/// tunnel until one side closes.
Task<bool> pass_through(Exchange& exchange);

}  // namespace foreword::proxy
