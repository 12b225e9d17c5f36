// The configurations of the other proxies: what somebody who knows them would write for prompts and
// streams, on one core. Pure.
#pragma once

#include <cstdint>
#include <string>

namespace foreword::bench {

struct ServerConfig {
  std::string folder;  // for everything the server writes
  std::uint16_t port = 0;
  std::uint16_t upstream_port = 0;
  bool as_root = false;  // nginx then wants to be told who its worker is
};

/// `storing`: reads a whole body into memory (up to 8 MB) before it sends it on. Otherwise bodies
/// stream through a buffer of 256 KB.
[[nodiscard]] std::string nginx_config(const ServerConfig& config, bool storing);
/// `tuned`: buffers of 128 KB instead of 16.
[[nodiscard]] std::string haproxy_config(const ServerConfig& config, bool tuned);

}  // namespace foreword::bench
