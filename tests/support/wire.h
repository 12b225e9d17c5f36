// One blocking TCP connection with deadlines, for both ends of a test: bytes in, bytes out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace foreword::test {

class Wire {
 public:
  /// Takes a connected socket.
  explicit Wire(int fd) : fd_(fd) {}
  /// Connects to 127.0.0.1.
  static Wire connect(std::uint16_t port);
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

  [[nodiscard]] bool open() const { return fd_ >= 0; }
  void close();
  /// Closes with RST instead of FIN.
  void reset();

 private:
  bool fill();
  int fd_ = -1;
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
  /// Of a response.
  [[nodiscard]] int status() const;
};

/// Reads one message: Content-Length, chunked, or (responses) to the end of the stream.
Message read_message(Wire& wire, bool is_response, bool body_follows = true);

}  // namespace foreword::test
