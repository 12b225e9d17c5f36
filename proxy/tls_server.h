// TLS towards clients: the certificate that the proxy shows, which can be replaced while it runs.
#pragma once

#include <filesystem>
#include <memory>

#include "config/result.h"
#include "proxy/net.h"
#include "proxy/published.h"

namespace foreword::proxy {

/// Thread-safe.
class TlsServer {
 public:
  /// Reads both files, in PEM form. An Error names the setting and the path.
  [[nodiscard]] static config::Result<std::unique_ptr<TlsServer>> make(
      std::filesystem::path certificate, std::filesystem::path key);

  /// The state of a new connection.
  [[nodiscard]] Ssl open() const;
  /// Reads the files again, for the connections that come from now on. On an Error nothing changes.
  [[nodiscard]] config::Result<void> reload();

 private:
  TlsServer(std::filesystem::path certificate, std::filesystem::path key);
  std::filesystem::path certificate_;
  std::filesystem::path key_;
  Published<SSL_CTX> context_;
};

}  // namespace foreword::proxy
