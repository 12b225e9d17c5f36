// The proxy as a whole: store, knowledge bases, ledger, shards and the admin listener.
//
// start() opens everything or nothing; stop() drains. Used by main and, in-process, by tests.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "config/models.h"
#include "config/result.h"
#include "config/seal_key.h"
#include "config/settings.h"

namespace foreword::proxy {

class VirtualClock;

struct ServerOptions {
  config::Settings settings;
  const config::ModelTable* models = nullptr;  // nullptr: the built-in table
  std::string admin_token;                     // empty: none is asked for (loopback only)
  /// For Foreword's own requests, by the name of the upstream; what api_key_env names.
  std::map<std::string, std::string, std::less<>> upstream_keys;
  /// What distill.key_env holds.
  std::optional<config::SealKey> distill_key;
  std::string otlp_headers;  // for the collector of spans; what otlp.headers_env names
  std::function<config::TimePoint()> now;  // empty: the system's clock
  /// Instead of `now`, and moved by POST /api/clock; has to outlive the server. Null: time passes.
  VirtualClock* virtual_clock = nullptr;
};

class Server {
 public:
  /// Binds both listeners and starts serving on threads of its own.
  [[nodiscard]] static config::Result<std::unique_ptr<Server>> start(ServerOptions options);
  /// stop(), if that has not been done.
  ~Server();

  /// "http://127.0.0.1:8787", with the port that was really bound; https where clients use TLS.
  [[nodiscard]] std::string proxy_url() const;
  [[nodiscard]] std::string admin_url() const;

  /// Reads the TLS certificate and key again, for new connections. On an Error the old ones stay.
  /// From any thread.
  [[nodiscard]] config::Result<void> reload_certificate();

  /// No new connections; what runs is finished within drain_timeout; then everything is closed and
  /// the ledger is on disk. Blocks.
  void stop();

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace foreword::proxy
