// What both ends of the proxy ask of TLS.
#pragma once

#include "proxy/net.h"

namespace foreword::proxy {

/// A context for TLS 1.2 and 1.3 as TlsStream wants it; null when there is no memory.
[[nodiscard]] SslContext make_tls_context(const SSL_METHOD* method);

/// The only protocol that is spoken here, as ALPN writes it: a length, then the name.
inline constexpr unsigned char kAlpnHttp11[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

}  // namespace foreword::proxy
