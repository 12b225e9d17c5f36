#include "support/wire.h"

#include <csignal>
#include <stdexcept>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

namespace foreword::test {
namespace {

constexpr int kDeadlineMilliseconds = 10'000;

std::string lower(std::string_view text) {
  std::string out(text);
  for (auto& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

std::string read_chunks(Wire& wire, bool& complete) {
  std::string body;
  for (;;) {
    const auto line = wire.read_until("\r\n");
    if (!line.ends_with("\r\n")) return body;
    const auto size = std::stoul(line, nullptr, 16);
    if (size == 0) {
      complete = wire.read_until("\r\n") == "\r\n";
      return body;
    }
    const auto data = wire.read_exactly(size);
    body += data;
    if (data.size() < size || wire.read_exactly(2).size() < 2) return body;
  }
}

}  // namespace

Wire Wire::connect(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(fd);
    throw std::runtime_error("cannot connect to port " + std::to_string(port));
  }
  return Wire(fd);
}

Wire Wire::connect_tls(std::uint16_t port, const TlsContext& context, SSL_SESSION* session) {
  auto wire = connect(port);
  auto* ssl = SSL_new(context.get());
  SSL_set_connect_state(ssl);
  if (session != nullptr) SSL_set_session(ssl, session);
  wire.handshake(ssl);
  return wire;
}

bool Wire::accept_tls(const TlsContext& context) {
  auto* ssl = SSL_new(context.get());
  SSL_set_accept_state(ssl);
  return handshake(ssl);
}

bool Wire::handshake(SSL* ssl) {
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to sockets as to files
  tls_ = std::shared_ptr<SSL>(ssl, SSL_free);
  const timeval limit{kDeadlineMilliseconds / 1000, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  SSL_set_fd(ssl, fd_);
  const bool done = SSL_do_handshake(ssl) == 1;
  if (!done) cut();
  return done;
}

bool Wire::ended_properly() const {
  return tls_ && (SSL_get_shutdown(tls_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
}

void Wire::limit_sends(std::chrono::milliseconds time) {
  const timeval limit{0, static_cast<suseconds_t>(time.count() * 1000)};
  ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

Wire::~Wire() {
  close();
}

Wire::Wire(Wire&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      tls_(std::move(other.tls_)),
      buffer_(std::move(other.buffer_)) {}

bool Wire::send(std::string_view bytes) {
  if (tls_) {
    std::size_t sent = 0;
    return SSL_write_ex(tls_.get(), bytes.data(), bytes.size(), &sent) == 1;
  }
  while (!bytes.empty()) {
    const auto n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

bool Wire::fill() {
  char bytes[65536];
  if (fd_ >= 0 && tls_) {  // which waits no longer than SO_RCVTIMEO
    std::size_t got = 0;
    if (SSL_read_ex(tls_.get(), bytes, sizeof bytes, &got) != 1) return false;
    buffer_.append(bytes, got);
    return true;
  }
  pollfd waiting{fd_, POLLIN, 0};
  if (fd_ < 0 || ::poll(&waiting, 1, kDeadlineMilliseconds) <= 0) return false;
  const auto n = ::recv(fd_, bytes, sizeof bytes, 0);
  if (n <= 0) return false;
  buffer_.append(bytes, static_cast<std::size_t>(n));
  return true;
}

std::string Wire::receive() {
  if (buffer_.empty()) fill();
  return std::exchange(buffer_, std::string());
}

std::string Wire::read_until(std::string_view mark) {
  auto at = buffer_.find(mark);
  while (at == std::string::npos) {
    if (!fill()) return std::exchange(buffer_, std::string());
    at = buffer_.find(mark);
  }
  auto out = buffer_.substr(0, at + mark.size());
  buffer_.erase(0, at + mark.size());
  return out;
}

std::string Wire::read_exactly(std::size_t bytes) {
  while (buffer_.size() < bytes && fill()) {
  }
  auto out = buffer_.substr(0, bytes);
  buffer_.erase(0, bytes);
  return out;
}

std::string Wire::read_to_end() {
  while (fill()) {
  }
  return std::exchange(buffer_, std::string());
}

bool Wire::closed_by_peer() {
  for (;;) {
    pollfd waiting{fd_, POLLIN, 0};
    if (::poll(&waiting, 1, kDeadlineMilliseconds) <= 0) return false;
    char bytes[4096];
    if (::recv(fd_, bytes, sizeof bytes, 0) <= 0) return true;
  }
}

void Wire::close() {
  if (fd_ >= 0 && tls_) SSL_shutdown(tls_.get());
  cut();
}

void Wire::cut() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

void Wire::reset() {
  const linger now{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  cut();
}

std::optional<std::string> Message::field(std::string_view name) const {
  const auto wanted = "\r\n" + lower(name) + ":";
  const auto at = lower(head).find(wanted);
  if (at == std::string::npos) return std::nullopt;
  const auto begin = head.find_first_not_of(' ', at + wanted.size());
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

int Message::status() const {
  return head.starts_with("HTTP/1.") ? std::stoi(head.substr(9, 3)) : 0;
}

Message read_message(Wire& wire, bool is_response, bool body_follows) {
  Message message;
  message.head = wire.read_until("\r\n\r\n");
  if (!message.head.ends_with("\r\n\r\n")) return message;
  const bool empty =
      !body_follows || (is_response && (message.status() == 204 || message.status() == 304 ||
                                        message.status() < 200));
  if (empty) {
    message.complete = true;
  } else if (message.field("transfer-encoding") == "chunked") {
    message.body = read_chunks(wire, message.complete);
  } else if (const auto length = message.field("content-length")) {
    message.body = wire.read_exactly(std::stoul(*length));
    message.complete = message.body.size() == std::stoul(*length);
  } else {
    if (is_response) message.body = wire.read_to_end();
    message.complete = true;
  }
  return message;
}

}  // namespace foreword::test
