#include "proxy/transport.h"

#include <algorithm>
#include <cerrno>
#include <span>
#include <utility>

#include <sys/socket.h>
#include <unistd.h>

#include "config/limits.h"
#include "proxy/tcp_acknowledged.h"

namespace foreword::proxy {
namespace {

/// Small messages go out at once, and sends never wait by themselves.
void prepare(Socket& socket) {
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  socket.non_blocking(true, ignored);
}

/// A connect is waited for as writability, of which Asio then wants to hear for ever: each later
/// wait without a buffer would be told at once that the socket is writable.
error_code forget_writability(Socket& socket, const tcp& protocol) {
  error_code error;
  const auto handle = socket.release(error);
  if (error) return error;
  socket.assign(protocol, handle, error);
  if (error) ::close(handle);
  return error;
}

}  // namespace

/// A wait for the peer's end. It stays queued when nobody is interested any more, for the next one
/// who is: nothing is as cheap. Outlives the Transport as long as its handler is queued.
struct Transport::Watch : std::enable_shared_from_this<Watch> {
  std::function<void()> on_gone;   // empty: nobody is interested, or the Transport is no more
  Transport* transport = nullptr;  // null once it is no more
  bool queued = false;
  char byte = 0;

  void arm(Transport& watched) {
    queued = true;
    if (watched.tls_) {
      watched.socket_.async_wait(Socket::wait_read,
                                 [self = shared_from_this(), &watched](error_code error) {
                                   self->queued = false;
                                   if (self->on_gone && !error) self->tell(watched, watched.peek());
                                 });
      return;
    }
    watched.socket_.async_receive(
        asio::buffer(&byte, 1), MSG_PEEK,
        [self = shared_from_this(), &watched](error_code error, std::size_t) {
          self->queued = false;
          if (error == asio::error::operation_aborted) return;
          if (self->on_gone) self->tell(watched, error ? Peek::gone : Peek::data);
          if (error && self->transport != nullptr) self->transport->end_reads(error);
        });
  }

  void tell(Transport& watched, Peek peek) {
    if (peek == Peek::nothing) return arm(watched);
    if (peek == Peek::gone) std::exchange(on_gone, nullptr)();
  }
};

Transport::Transport(Deadlines& deadlines, Socket socket) : socket_(std::move(socket)) {
  if (socket_.is_open()) prepare(socket_);
  deadlines.add(*this);
}

Transport::~Transport() {
  stop_watching();
  if (watch_) watch_->transport = nullptr;
  if (tls_ && socket_.is_open()) tls_->say_goodbye();
}

Task<error_code> Transport::connect(tcp::endpoint endpoint) {
  const Pending pending(pending_);
  error_code error;
  if (socket_.is_open()) socket_.close(error);
  const auto [failed] = co_await socket_.async_connect(endpoint, use_tuple);
  if (failed) co_return failed;
  error = forget_writability(socket_, endpoint.protocol());
  if (!error) prepare(socket_);
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
  const Pending read(reads_);
  const auto [error, bytes] = co_await socket_.async_read_some(into, use_tuple);
  result.error = error == asio::error::operation_aborted && read_end_ ? read_end_ : error;
  result.bytes = bytes;
  co_return result;
}

Task<IoResult> Transport::read_soon(asio::mutable_buffer into) {
  const Pending pending(pending_);
  IoResult result;
  result.error = asio::error::would_block;
  if (tls_) co_return result;  // its buffers are its own business
  gave_up_ = false;
  be_patient(config::limits::kBufferTicks);
  const Pending read(reads_);
  const auto [error, bytes] = co_await socket_.async_read_some(into, use_tuple);
  be_patient(0);
  if (error != asio::error::operation_aborted) {
    result.error = error;
  } else if (read_end_ || !gave_up_) {
    result.error = read_end_ ? read_end_ : error;
  }
  result.bytes = bytes;
  co_return result;
}

IoResult Transport::read_now(asio::mutable_buffer into) {
  IoResult result;
  result.error = asio::error::would_block;
  if (!tls_) result.bytes = socket_.read_some(into, result.error);
  return result;
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

bool Transport::write_now(Gather& pieces, error_code& error) {
  const auto total = asio::buffer_size(pieces);
  if (tls_ || pieces.size() > config::limits::kMaxGatherPieces) return false;
  if (sent_this_turn_ + total >= config::limits::kTurnBytes) return false;  // others have a turn
  auto bytes = socket_.write_some(std::span<const asio::const_buffer>(pieces), error);
  if (error == asio::error::would_block) error.clear();
  if (error) return true;
  sent_bytes_ += bytes;
  sent_this_turn_ += bytes;
  if (bytes == total) return true;
  std::size_t first = 0;
  consume(pieces, first, bytes);
  pieces.erase(pieces.begin(), pieces.begin() + static_cast<std::ptrdiff_t>(first));
  return false;
}

Task<error_code> Transport::write(Gather pieces) {
  const Pending pending(pending_);
  if (tls_) {
    const auto error = co_await tls_->write(std::move(pieces));
    co_return error;
  }
  // Sends first, and waits only where the socket is full: nearly every message fits it.
  error_code error;
  std::size_t first = 0;
  consume(pieces, first, 0);
  while (first < pieces.size()) {
    const auto now = std::span<const asio::const_buffer>(pieces).subspan(
        first, std::min(pieces.size() - first, config::limits::kMaxGatherPieces));
    auto bytes = socket_.write_some(now, error);
    if (error == asio::error::would_block) {
      const auto [failed, sent] = co_await socket_.async_write_some(now, use_tuple);
      error = failed;
      bytes = sent;
      sent_this_turn_ = 0;
    }
    if (error) co_return error;
    sent_bytes_ += bytes;
    sent_this_turn_ += bytes;
    consume(pieces, first, bytes);
    if (sent_this_turn_ < config::limits::kTurnBytes) continue;
    sent_this_turn_ = 0;
    co_await asio::post(socket_.get_executor(), use_tuple);
  }
  co_return error;
}

void Transport::watch(std::function<void()> on_gone) {
  if (!watch_) {
    watch_ = std::make_shared<Watch>();
    watch_->transport = this;
  }
  watch_->on_gone = std::move(on_gone);
  if (!watch_->queued) watch_->arm(*this);
}

/// Asio takes the end of the stream as the last that a readiness event has to tell, and leaves the
/// reads that are queued behind the one that met it: they would wait for an event that has been.
void Transport::end_reads(error_code error) {
  if (reads_ == 0) return;
  read_end_ = error;
  interrupt();
}

void Transport::stop_watching() {
  if (watch_) watch_->on_gone = nullptr;
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
  std::vector<char> sink(config::limits::kLingerBytes);
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
  stop_watching();
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

void Transport::on_impatience() {
  if (pending_ > 1) return;  // what else is under way here must not be interrupted
  gave_up_ = true;
  interrupt();
}

std::string Transport::peer() const {
  error_code error;
  const auto endpoint = socket_.remote_endpoint(error);
  return error ? "unknown" : endpoint.address().to_string();
}

}  // namespace foreword::proxy
