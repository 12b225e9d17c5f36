// What it costs to send a body over TLS: the proxy's own stream beside asio::ssl::stream.
#pragma once

#include <cstddef>

namespace foreword::tools {

/// CPU microseconds of the sending thread for one send, the kernel's part included: medians.
struct TlsSendCost {
  double foreword_us = 0;
  double asio_us = 0;
  /// The median of the repeats' own ratios: both ways are measured in turn.
  double ratio = 0;
};

/// Sends `bytes` over loopback to a peer that only drains its socket. Each repeat measures a few
/// sends one way, then the other. Throws where the machine lets it down.
[[nodiscard]] TlsSendCost measure_tls_send(std::size_t bytes, int repeats);

}  // namespace foreword::tools
