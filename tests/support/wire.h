// One blocking connection with deadlines, plain or TLS, for both ends of a test: bytes in, bytes
// out.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "support/identity.h"

namespace foreword::test {

class Wire {
 public:
  /// Takes a connected socket.
  explicit Wire(int fd) : fd_(fd) {}
  /// Connects to 127.0.0.1.
  static Wire connect(std::uint16_t port);
  /// Connects to 127.0.0.1 and speaks TLS; not open when the handshake failed. `session`, where
  /// given, is resumed.
  static Wire connect_tls(std::uint16_t port, const TlsContext& context,
                          SSL_SESSION* session = nullptr);
  ~Wire();
  Wire(Wire&& other) noexcept;
  Wire& operator=(Wire&&) = delete;

  /// False: the peer is gone.
  bool send(std::string_view bytes);
  /// What is read and not yet taken, plus one more read; empty at the end of the stream or after
  /// the deadline.
  std::string receive();
  /// Reads up to and including `mark`; what has come when the stream ends first.
  std::string read_until(std::string_view mark);
  std::string read_exactly(std::size_t bytes);
  std::string read_to_end();
  /// True if the peer has closed or reset by the deadline; drops what it sends until then.
  bool closed_by_peer();

  /// The server's side of a handshake. False: it failed.
  bool accept_tls(const TlsContext& context);
  /// Null without TLS.
  [[nodiscard]] SSL* ssl() const { return tls_.get(); }
  /// The peer ended the stream with TLS's close_notify.
  [[nodiscard]] bool ended_properly() const;
  /// A send that makes no way for this long fails.
  void limit_sends(std::chrono::milliseconds time);

  [[nodiscard]] bool open() const { return fd_ >= 0; }
  /// Closes, with close_notify under TLS.
  void close();
  /// Closes without close_notify.
  void cut();
  /// Closes with RST instead of FIN.
  void reset();

 private:
  bool fill();
  bool handshake(SSL* ssl);
  int fd_ = -1;
  std::shared_ptr<SSL> tls_;
  std::string buffer_;
};

/// A message as it came over the wire: its head with the final blank line, its body decoded.
struct Message {
  std::string head;
  std::string body;
  bool complete = false;  // false: the stream ended first

  /// The first field of that name (without regard to case), or nothing.
  [[nodiscard]] std::optional<std::string> field(std::string_view name) const;
  [[nodiscard]] std::string first_line() const { return head.substr(0, head.find("\r\n")); }
  /// Of a response; 0 where none came.
  [[nodiscard]] int status() const;
};

/// Reads one message: Content-Length, chunked, or (responses) to the end of the stream.
Message read_message(Wire& wire, bool is_response, bool body_follows = true);

}  // namespace foreword::test
