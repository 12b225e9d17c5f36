// A provider simulator on a port: Anthropic, OpenAI and Gemini at once, told apart by path and
// headers.
//
// It answers as the real APIs do, with their cache rules, usage fields, streams, errors and
// headers, and fails on request (faults.h). It is the second opinion for tests of the proxy and
// shares no code with it. Start it, point an SDK's base URL at http://HOST:PORT (with /v1 for
// OpenAI), stop it:
//
//   simulator::Server server({.virtual_time = true});
//   auto started = server.start();          // an Error names the address that could not be used
//   use(server.port());
//   server.advance(std::chrono::seconds(301));
//
// Owns its threads. start() and stop() are for one thread; port(), advance() for any, once started.
// How time passes, and control over HTTP: simulator.h.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "config/result.h"
#include "simulator/options.h"

namespace foreword::simulator {

class Server {
 public:
  /// Throws std::runtime_error if `options.faults` cannot be understood.
  explicit Server(const Options& options);
  ~Server();  // stops
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Listens and serves from its own threads on. REQUIRES: not started before.
  [[nodiscard]] config::Result<void> start();
  /// The port it listens on, also if 0 was asked for.
  [[nodiscard]] std::uint16_t port() const;
  /// Blocks until stop() is called from a signal handler's thread or elsewhere.
  void join();
  /// Ends every connection at once. May be called more than once, and from any thread but its own.
  void stop();

  /// Moves the caches' clock. REQUIRES: options.virtual_time.
  void advance(std::chrono::seconds by);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace foreword::simulator
