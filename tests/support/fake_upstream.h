// A provider that does what a test tells it to, on real sockets, and remembers what it was sent.
#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "support/wire.h"

namespace foreword::test {

class FakeUpstream {
 public:
  /// Called once per request, on the connection's own thread. It answers through the wire; when it
  /// returns, the next request of the connection is read.
  using Handler = std::function<void(const Message& request, Wire& wire)>;

  /// Whether a request's body is read before the handler is called, or left to it.
  enum class Reads : std::uint8_t { messages, heads };

  explicit FakeUpstream(Handler handler, Reads reads = Reads::messages);
  /// The same over TLS. A connection whose handshake fails is not served.
  FakeUpstream(const TlsContext& tls, Handler handler);
  /// `greet` is the first to have each connection. False: it is not served.
  using Greeting = std::function<bool(Wire& wire)>;
  FakeUpstream(Greeting greet, std::string scheme, Handler handler, Reads reads = Reads::messages);
  /// Waits for its threads: whoever is connected has to be gone before.
  ~FakeUpstream();

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string url() const { return url("127.0.0.1"); }
  [[nodiscard]] std::string url(const std::string& host) const {
    return scheme_ + "://" + host + ":" + std::to_string(port_);
  }
  [[nodiscard]] std::vector<Message> requests() const;
  /// The last request; fails the test if there was none.
  [[nodiscard]] Message last_request() const;
  [[nodiscard]] std::size_t connections() const { return connections_; }

 private:
  void accept_loop();
  void serve(Wire wire);

  Greeting greet_;
  std::string scheme_;
  Handler handler_;
  Reads reads_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> stopping_{false};
  std::atomic<std::size_t> connections_{0};
  mutable std::mutex mutex_;
  std::vector<Message> requests_;
  std::list<std::thread> threads_;
  std::thread acceptor_;
};

/// "HTTP/1.1 200 OK" with a Content-Length.
[[nodiscard]] std::string ok_response(std::string_view body,
                                      std::string_view content_type = "application/json");
/// The head of a chunked event stream.
[[nodiscard]] std::string event_stream_head();
[[nodiscard]] std::string chunk(std::string_view data);
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

}  // namespace foreword::test
