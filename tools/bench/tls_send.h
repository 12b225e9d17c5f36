// What it costs to send a body over TLS: the proxy's own stream beside asio::ssl::stream.
#pragma once

#include <cstddef>
#include <functional>

namespace foreword::bench {

/// CPU microseconds of the sending thread for one send, the kernel's part included.
struct TlsSendCost {
  double foreword_us = 0;
  double asio_us = 0;
};

/// Sends `bytes` over loopback to a peer that only drains its socket: in each of `repeats` a few
/// times one way, then the other. `done` is called after each. Throws where the machine lets it
/// down.
void measure_tls_sends(std::size_t bytes, std::size_t repeats,
                       const std::function<void(const TlsSendCost&)>& done);

}  // namespace foreword::bench
