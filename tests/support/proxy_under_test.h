// A whole proxy in this process, on ports of its own, with a store in a temporary folder.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/value.hpp>

#include "proxy/server.h"
#include "support/temp_dir.h"
#include "support/wire.h"

namespace foreword::test {

class ProxyUnderTest {
 public:
  /// All three providers go to `upstream_url`. `adjust` may change the settings before the start.
  explicit ProxyUnderTest(const std::string& upstream_url,
                          const std::function<void(proxy::ServerOptions&)>& adjust = nullptr);

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] std::uint16_t admin_port() const;
  [[nodiscard]] Wire connect() const { return Wire::connect(port()); }
  [[nodiscard]] Wire connect_tls(const TlsContext& context, SSL_SESSION* session = nullptr) const {
    return Wire::connect_tls(port(), context, session);
  }

  /// Asks the admin API; `status` out is optional.
  boost::json::value admin(std::string_view method, std::string_view target,
                           std::string_view body = "", int* status = nullptr) const;
  /// Documents are pairs of path and text.
  void load_kb(std::string_view name,
               const std::vector<std::pair<std::string, std::string>>& documents) const;
  /// The row of a response, once it is settled.
  boost::json::value row(const Message& response) const;
  boost::json::value latest_row() const;

  /// Stops and starts again on the same store, with other settings if `adjust` changes them.
  void restart(const std::function<void(proxy::ServerOptions&)>& adjust = nullptr);
  void stop() { server_.reset(); }
  config::Result<void> reload_certificate() { return server_->reload_certificate(); }
  [[nodiscard]] std::string url() const { return server_->proxy_url(); }

 private:
  TempDir folder_;
  proxy::ServerOptions options_;
  std::unique_ptr<proxy::Server> server_;
};

/// A POST with a Content-Length. `headers` end with CRLF each.
[[nodiscard]] std::string post(std::string_view target, std::string_view body,
                               std::string_view headers = "");
/// Bytes that are nowhere the same for long: what gets lost, doubled or swapped shows.
[[nodiscard]] std::string pattern(std::size_t bytes);
/// Sends one request over a connection of its own and reads the answer.
Message ask(const ProxyUnderTest& proxy, std::string_view request);

}  // namespace foreword::test
