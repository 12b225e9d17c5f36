// What the peer's kernel has confirmed: the only proof that a request was not taken.
#pragma once

#include <cstdint>
#include <optional>

namespace foreword::proxy {

/// Bytes that the other side has acknowledged over the connection's life (TCP_INFO); nothing where
/// the system does not tell.
[[nodiscard]] std::optional<std::uint64_t> tcp_acknowledged_bytes(int socket);

}  // namespace foreword::proxy
