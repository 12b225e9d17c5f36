// TLS towards one upstream: whom to trust, whose name to expect, which sessions to resume.
#pragma once

#include <string>
#include <vector>

#include "config/result.h"
#include "config/settings.h"
#include "proxy/net.h"

namespace foreword::proxy {

/// The sessions that one shard may resume with one upstream, newest first out.
///
/// Not thread-safe; outlives every connection that was opened with it.
class TlsSessions {
 public:
  using Session = std::unique_ptr<SSL_SESSION, FreedBy<SSL_SESSION_free>>;

  void keep(Session session);
  /// Null when there is none. A ticket of TLS 1.3 is given out once: used twice, it would tell an
  /// onlooker that two connections are of one client.
  [[nodiscard]] Session take();

 private:
  std::vector<Session> sessions_;  // oldest first
};

/// Thread-safe.
class TlsClient {
 public:
  /// An Error when the certificates to trust cannot be read.
  [[nodiscard]] static config::Result<std::unique_ptr<TlsClient>> make(
      const config::UpstreamSettings& settings);

  /// The state of a new connection, which fails unless the peer proves to be the upstream's host.
  [[nodiscard]] Ssl open(TlsSessions& sessions) const;

 private:
  TlsClient(SslContext context, std::string host);
  SslContext context_;
  std::string host_;
};

/// Why a handshake with the upstream failed, in words that follow "cannot reach it: ".
[[nodiscard]] std::string why_handshake_failed(const SSL* ssl, const error_code& error);

}  // namespace foreword::proxy
