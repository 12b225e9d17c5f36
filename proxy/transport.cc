#include "proxy/transport.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <sys/socket.h>

#include "config/limits.h"
#include "proxy/tcp_acknowledged.h"

namespace foreword::proxy {
namespace {

/// Drops the first `bytes` bytes of a gather list from `first` on.
void consume(Gather& pieces, std::size_t& first, std::size_t bytes) {
  while (bytes > 0) {
    const auto step = std::min(bytes, pieces[first].size());
    pieces[first] += step;
    bytes -= step;
    if (pieces[first].size() == 0) ++first;
  }
}

}  // namespace

/// Outlives the Transport as long as its handler is queued.
struct Transport::Watch : std::enable_shared_from_this<Watch> {
  std::function<void()> on_gone;
  bool active = true;

  void arm(Transport& watched) {
    auto on_bytes = [self = shared_from_this(), &watched](error_code error) {
      if (!self->active || error) return;  // `watched` is alive only while active
      switch (watched.peek()) {
        case Peek::nothing:
          return self->arm(watched);
        case Peek::data:
          return;
        case Peek::gone:
          break;
      }
      self->active = false;
      self->on_gone();
    };
    watched.socket_.async_wait(Socket::wait_read, std::move(on_bytes));
  }
};

Transport::Transport(Deadlines& deadlines, Socket socket) : socket_(std::move(socket)) {
  error_code ignored;
  if (socket_.is_open()) socket_.set_option(tcp::no_delay(true), ignored);
  deadlines.add(*this);
}

Transport::~Transport() {
  if (watch_) watch_->active = false;
  if (tls_ && socket_.is_open()) tls_->say_goodbye();
}

Task<error_code> Transport::connect(tcp::endpoint endpoint) {
  const Pending pending(pending_);
  error_code error;
  if (socket_.is_open()) socket_.close(error);
  const auto [failed] = co_await socket_.async_connect(endpoint, use_tuple);
  if (failed) co_return failed;
  socket_.set_option(tcp::no_delay(true), error);
  co_return error;
}

Task<error_code> Transport::start_tls(Ssl ssl, BlockPool& blocks) {
  const Pending pending(pending_);
  if (!ssl) co_return asio::error::make_error_code(asio::error::invalid_argument);
  tls_ = std::make_unique<TlsStream>(socket_, *this, blocks, std::move(ssl));
  const auto error = co_await tls_->handshake();
  co_return error;
}

Task<IoResult> Transport::read_some(asio::mutable_buffer into) {
  const Pending pending(pending_);
  IoResult result;
  if (tls_) {
    result = co_await tls_->read_some(into);
    co_return result;
  }
  const auto [error, bytes] = co_await socket_.async_read_some(into, use_tuple);
  result.error = error;
  result.bytes = bytes;
  co_return result;
}

Task<error_code> Transport::wait_readable() {
  const Pending pending(pending_);
  if (tls_) {
    const auto failed = co_await tls_->wait_readable();
    co_return failed;
  }
  const auto [error] = co_await socket_.async_wait(Socket::wait_read, use_tuple);
  co_return error;
}

Task<error_code> Transport::write(Gather pieces) {
  const Pending pending(pending_);
  if (tls_) {
    const auto error = co_await tls_->write(std::move(pieces));
    co_return error;
  }
  std::size_t first = 0;
  while (first < pieces.size()) {
    const auto count = std::min(pieces.size() - first, config::limits::kMaxGatherPieces);
    const Gather now(pieces.begin() + static_cast<std::ptrdiff_t>(first),
                     pieces.begin() + static_cast<std::ptrdiff_t>(first + count));
    if (asio::buffer_size(now) == 0) {
      first += count;
      continue;
    }
    const auto [error, bytes] = co_await socket_.async_write_some(now, use_tuple);
    if (error) co_return error;
    consume(pieces, first, bytes);
  }
  co_return error_code();
}

void Transport::watch(std::function<void()> on_gone) {
  if (watch_) watch_->active = false;  // its handler is still queued
  watch_ = std::make_shared<Watch>();
  watch_->on_gone = std::move(on_gone);
  watch_->arm(*this);
}

void Transport::stop_watching() {
  if (!watch_) return;
  watch_->active = false;
  watch_.reset();
  error_code ignored;
  if (socket_.is_open()) socket_.cancel(ignored);
}

bool Transport::quiet() {
  return socket_.is_open() && peek() == Peek::nothing;
}

Peek Transport::peek() {
  if (tls_) return tls_->peek();
  char byte = 0;
  const auto n = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (n > 0) return Peek::data;
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return Peek::nothing;
  return Peek::gone;
}

std::optional<char> Transport::first_byte() {
  char byte = 0;
  const auto n = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (n != 1) return std::nullopt;
  return byte;
}

Task<void> Transport::linger() {
  const Pending pending(pending_);
  error_code error;
  if (tls_) tls_->say_goodbye();
  socket_.shutdown(Socket::shutdown_send, error);
  std::vector<char> sink(config::limits::kRelayBytes);
  while (!error) {  // dropped as it comes: what is under TLS need not be decrypted for that
    const auto [failed, bytes] = co_await socket_.async_read_some(asio::buffer(sink), use_tuple);
    error = failed;
  }
  cut();
}

void Transport::close() {
  if (tls_) tls_->say_goodbye();
  cut();
}

void Transport::cut() {
  error_code ignored;
  if (watch_) watch_->active = false;
  socket_.close(ignored);
}

void Transport::reset() {
  error_code ignored;
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  cut();
}

std::optional<std::uint64_t> Transport::acknowledged_bytes() {
  return socket_.is_open() ? tcp_acknowledged_bytes(socket_.native_handle()) : std::nullopt;
}

void Transport::interrupt() {
  error_code ignored;
  if (socket_.is_open()) socket_.cancel(ignored);
}

void Transport::on_expiry() {
  if (pending_ == 0) return close();
  interrupt();
}

std::string Transport::peer() const {
  error_code error;
  const auto endpoint = socket_.remote_endpoint(error);
  return error ? "unknown" : endpoint.address().to_string();
}

}  // namespace foreword::proxy
