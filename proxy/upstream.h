// An upstream as all shards share it: its settings, its addresses, its TLS context.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "config/result.h"
#include "config/settings.h"
#include "proxy/net.h"

namespace foreword::proxy {

/// What the last look-up of a name gave. `error` is empty when there are endpoints.
struct Resolution {
  std::vector<tcp::endpoint> endpoints;
  std::string error;
  bool pending = false;  // the first look-up is still under way
};

/// Thread-safe.
class Upstream {
 public:
  /// An Error when the CA file cannot be read.
  [[nodiscard]] static config::Result<std::unique_ptr<Upstream>> make(
      const config::UpstreamSettings& settings);

  [[nodiscard]] const config::UpstreamSettings& settings() const { return settings_; }
  /// For the Host field: with the port where it is not the scheme's own.
  [[nodiscard]] const std::string& host_field() const { return host_field_; }
  [[nodiscard]] std::shared_ptr<const Resolution> addresses() const { return addresses_.load(); }
  [[nodiscard]] asio::ssl::context& tls() { return tls_; }
  /// Looks the host's name up; blocks. Keeps the last good answer if this one fails.
  void resolve();

 private:
  explicit Upstream(const config::UpstreamSettings& settings);
  config::UpstreamSettings settings_;
  std::string host_field_;
  std::atomic<std::shared_ptr<const Resolution>> addresses_;
  asio::ssl::context tls_;
};

/// Looks names up outside the way of a request: getaddrinfo can neither be cancelled nor timed.
class Resolver {
 public:
  /// Starts one thread; literal addresses are resolved before this returns.
  explicit Resolver(std::vector<Upstream*> upstreams);
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

 private:
  void run();
  std::vector<Upstream*> upstreams_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace foreword::proxy
