// The admin listener: its own port, its own thread, so that no query ever holds up a request.
#pragma once

#include <memory>
#include <string>

#include "cache/store.h"
#include "config/result.h"
#include "proxy/net.h"
#include "proxy/services.h"

namespace foreword::proxy {

struct AdminOptions {
  tcp::endpoint endpoint;
  /// Asked for as `Authorization: Bearer`; empty: none.
  std::string token;
};

class AdminServer {
 public:
  [[nodiscard]] static config::Result<std::unique_ptr<AdminServer>> start(const Services& services,
                                                                          cache::Store& store,
                                                                          AdminOptions options);
  ~AdminServer();

  [[nodiscard]] tcp::endpoint local_endpoint() const;
  /// Ends all connections; blocks.
  void stop();

 private:
  struct Impl;
  explicit AdminServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace foreword::proxy
