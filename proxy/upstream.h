// An upstream as all shards share it: its settings, its addresses, its TLS.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "config/result.h"
#include "config/settings.h"
#include "proxy/net.h"
#include "proxy/resolver.h"
#include "proxy/tls_client.h"

namespace foreword::proxy {

/// Thread-safe.
class Upstream {
 public:
  /// An Error when the CA file cannot be read.
  [[nodiscard]] static config::Result<std::unique_ptr<Upstream>> make(
      const config::UpstreamSettings& settings);

  [[nodiscard]] const config::UpstreamSettings& settings() const { return settings_; }
  /// For the Host field: with the port where it is not the scheme's own.
  [[nodiscard]] const std::string& host_field() const { return host_field_; }
  [[nodiscard]] const std::shared_ptr<HostAddresses>& addresses() const { return addresses_; }
  /// Nothing where base_url is plain http.
  [[nodiscard]] const TlsClient* tls() const { return tls_.get(); }

 private:
  friend class UpstreamPlace;
  explicit Upstream(const config::UpstreamSettings& settings);
  config::UpstreamSettings settings_;
  std::string host_field_;
  std::shared_ptr<HostAddresses> addresses_;
  std::atomic<std::size_t> in_flight_{0};
  std::unique_ptr<TlsClient> tls_;
};

/// One of the `max_in_flight` places of an upstream, for as long as it lives.
class UpstreamPlace {
 public:
  UpstreamPlace() = default;
  ~UpstreamPlace();
  UpstreamPlace(const UpstreamPlace&) = delete;
  UpstreamPlace& operator=(const UpstreamPlace&) = delete;
  /// False: all places are taken. Call it once.
  [[nodiscard]] bool take(Upstream& upstream);

 private:
  Upstream* upstream_ = nullptr;
};

}  // namespace foreword::proxy
