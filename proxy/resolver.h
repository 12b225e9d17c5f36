// Names to addresses, outside the way of a request: getaddrinfo can neither be cancelled nor timed.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "proxy/net.h"
#include "proxy/published.h"

namespace foreword::proxy {

/// What the last look-up of a name gave. `error` is empty when there are endpoints.
struct Resolution {
  std::vector<tcp::endpoint> endpoints;
  std::string error;
  bool pending = false;  // the first look-up is still under way
};

/// The addresses of one host. Thread-safe.
class HostAddresses {
 public:
  HostAddresses(std::string host, std::uint16_t port);

  [[nodiscard]] std::shared_ptr<const Resolution> current() const { return current_.load(); }
  /// The host is an address already: looking it up takes no time and never changes.
  [[nodiscard]] bool literal() const { return literal_; }
  /// Looks the host up; blocks. Keeps the last good answer if this one fails.
  void look_up();

 private:
  std::string host_;
  std::uint16_t port_;
  bool literal_;
  Published<const Resolution> current_;
};

/// Looks all hosts up again and again, on one thread of its own.
class Resolver {
 public:
  /// Literal addresses are resolved before this returns.
  explicit Resolver(const std::vector<std::shared_ptr<HostAddresses>>& hosts);
  /// Waits only a moment for a look-up that is under way, then leaves it to end by itself.
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

 private:
  struct State;
  static void run(State& state);
  std::shared_ptr<State> state_;
  std::thread thread_;
};

}  // namespace foreword::proxy
