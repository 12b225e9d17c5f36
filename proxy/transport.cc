#include "proxy/transport.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <sys/socket.h>

#include "config/limits.h"
#include "proxy/tcp_acknowledged.h"

namespace foreword::proxy {
namespace {

/// asio::ssl writes one record per piece: smaller pieces are worth a copy into one record.
constexpr std::size_t kTlsRecordBytes = 16u << 10;

enum class Peek { nothing, data, gone };

Peek peek(Socket& socket) {
  char byte = 0;
  const auto n = ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (n > 0) return Peek::data;
  if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return Peek::nothing;
  return Peek::gone;
}

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

  void arm(Socket& socket) {
    socket.async_wait(Socket::wait_read, [self = shared_from_this(), &socket](error_code error) {
      if (!self->active || error) return;  // `socket` is alive only while active
      switch (peek(socket)) {
        case Peek::nothing:
          return self->arm(socket);
        case Peek::data:
          return;
        case Peek::gone:
          break;
      }
      self->active = false;
      self->on_gone();
    });
  }
};

Transport::Transport(Deadlines& deadlines, Socket socket) : socket_(std::move(socket)) {
  error_code ignored;
  if (socket_.is_open()) socket_.set_option(tcp::no_delay(true), ignored);
  deadlines.add(*this);
}

Transport::~Transport() {
  if (watch_) watch_->active = false;
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

Task<error_code> Transport::start_tls(asio::ssl::context& context, const std::string& host) {
  const Pending pending(pending_);
  tls_ = std::make_unique<asio::ssl::stream<Socket&>>(socket_, context);
  error_code error;
  asio::ip::make_address(host, error);
  const bool host_is_name = static_cast<bool>(error);
  if (host_is_name && SSL_set_tlsext_host_name(tls_->native_handle(), host.c_str()) != 1) {
    co_return asio::error::make_error_code(asio::error::invalid_argument);
  }
  tls_->set_verify_callback(asio::ssl::host_name_verification(host), error);
  if (error) co_return error;
  const auto [failed] = co_await tls_->async_handshake(asio::ssl::stream_base::client, use_tuple);
  co_return failed;
}

Task<IoResult> Transport::read_some(asio::mutable_buffer into) {
  const Pending pending(pending_);
  IoResult result;
  if (tls_) {
    const auto [error, bytes] = co_await tls_->async_read_some(into, use_tuple);
    result.error = error;
    result.bytes = bytes;
  } else {
    const auto [error, bytes] = co_await socket_.async_read_some(into, use_tuple);
    result.error = error;
    result.bytes = bytes;
  }
  co_return result;
}

Task<error_code> Transport::wait_readable() {
  const Pending pending(pending_);
  if (tls_) co_return error_code();  // bytes may already be decrypted: only a read can tell
  const auto [error] = co_await socket_.async_wait(Socket::wait_read, use_tuple);
  co_return error;
}

Task<error_code> Transport::write(Gather pieces) {
  const Pending pending(pending_);
  if (tls_) {
    const auto error = co_await write_tls(std::move(pieces));
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

Task<error_code> Transport::write_tls(Gather pieces) {
  std::string record;
  std::size_t first = 0;
  while (first < pieces.size()) {
    asio::const_buffer now = pieces[first];
    if (now.size() < kTlsRecordBytes) {
      record.clear();
      for (auto i = first; i < pieces.size() && record.size() < kTlsRecordBytes; ++i) {
        const auto room = kTlsRecordBytes - record.size();
        record.append(static_cast<const char*>(pieces[i].data()), std::min(room, pieces[i].size()));
      }
      now = asio::buffer(record);
    }
    if (now.size() == 0) co_return error_code();  // only empty pieces are left
    const auto [error, bytes] = co_await tls_->async_write_some(now, use_tuple);
    if (error) co_return error;
    consume(pieces, first, bytes);
  }
  co_return error_code();
}

void Transport::watch(std::function<void()> on_gone) {
  watch_ = std::make_shared<Watch>();
  watch_->on_gone = std::move(on_gone);
  watch_->arm(socket_);
}

void Transport::stop_watching() {
  if (!watch_) return;
  watch_->active = false;
  watch_.reset();
  error_code ignored;
  if (socket_.is_open()) socket_.cancel(ignored);
}

bool Transport::quiet() {
  return socket_.is_open() && peek(socket_) == Peek::nothing;
}

Task<void> Transport::linger() {
  error_code error;
  if (!tls_) socket_.shutdown(Socket::shutdown_send, error);
  std::vector<char> sink(config::limits::kRelayBytes);
  while (!error) {
    const auto result = co_await read_some(asio::buffer(sink));
    error = result.error;
  }
  close();
}

void Transport::close() {
  error_code ignored;
  if (watch_) watch_->active = false;
  socket_.close(ignored);
}

void Transport::reset() {
  error_code ignored;
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  close();
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
