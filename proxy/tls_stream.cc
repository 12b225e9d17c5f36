#include "proxy/tls_stream.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <sys/socket.h>

#include "config/limits.h"

namespace foreword::proxy {

/// OpenSSL's reads go to the socket at once, its writes into the batch. Neither ever waits.
struct TlsIo {
  static int read(BIO* bio, char* into, int size) {
    auto& self = stream(bio);
    BIO_clear_retry_flags(bio);
    const auto n =
        ::recv(self.socket_.native_handle(), into, static_cast<std::size_t>(size), MSG_DONTWAIT);
    if (n > 0) return static_cast<int>(n);
    if (n == 0) {
      self.fin_ = true;
    } else if (errno == EAGAIN || errno == EINTR) {
      BIO_set_retry_read(bio);
    } else {
      self.receive_errno_ = errno;
    }
    return n == 0 ? 0 : -1;
  }

  static int write(BIO* bio, const char* bytes, int size) {
    auto& self = stream(bio);
    BIO_clear_retry_flags(bio);
    if (!self.batch_) self.batch_ = self.blocks_.take();
    const auto room = self.batch_.size() - self.batch_end_;
    if (room == 0) {
      BIO_set_retry_write(bio);
      return -1;
    }
    const auto taken = std::min(room, static_cast<std::size_t>(size));
    std::memcpy(self.batch_.data() + self.batch_end_, bytes, taken);
    self.batch_end_ += taken;
    return static_cast<int>(taken);
  }

  static long control(BIO* bio, int command, long, void*) {
    if (command == BIO_CTRL_FLUSH) return 1;  // whoever called into OpenSSL sends the batch
    if (command == BIO_CTRL_EOF) return stream(bio).fin_ ? 1 : 0;
    return 0;
  }

  static const BIO_METHOD* method() {
    static const auto* const kMethod = [] {
      auto* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "foreword");
      BIO_meth_set_read(made, read);
      BIO_meth_set_write(made, write);
      BIO_meth_set_ctrl(made, control);
      return made;
    }();
    return kMethod;
  }

  static TlsStream& stream(BIO* bio) { return *static_cast<TlsStream*>(BIO_get_data(bio)); }
};

namespace {

/// A record's payload at most. Smaller pieces are worth a copy into one record.
constexpr std::size_t kRecordBytes = SSL3_RT_MAX_PLAIN_LENGTH;
/// Less than this is not worth a record: the batch is sent instead.
constexpr std::size_t kLeastRecordBytes = 4u << 10;
/// Room in the batch for a record's own bytes, and for what OpenSSL says in between (an alert, the
/// answer to a key update), so that a record is never cut in two by the batch's end.
constexpr std::size_t kReserve = 512;
static_assert(kReserve > SSL3_RT_MAX_ENCRYPTED_OVERHEAD + SSL3_RT_HEADER_LENGTH);

asio::const_buffer copy_into(std::array<char, kRecordBytes>& record, const Gather& pieces,
                             std::size_t first) {
  std::size_t size = 0;
  for (auto i = first; i < pieces.size() && size < record.size(); ++i) {
    const auto step = std::min(record.size() - size, pieces[i].size());
    if (step > 0) std::memcpy(record.data() + size, pieces[i].data(), step);
    size += step;
  }
  return asio::const_buffer(record.data(), size);
}

bool worth_a_large_batch(const Gather& pieces, std::size_t first) {
  std::size_t bytes = 0;
  for (auto i = first; i < pieces.size() && bytes <= kBlockBytes; ++i) bytes += pieces[i].size();
  return bytes > kBlockBytes;
}

class Flag {
 public:
  explicit Flag(bool& flag) : flag_(flag) { flag_ = true; }
  ~Flag() { flag_ = false; }
  Flag(const Flag&) = delete;
  Flag& operator=(const Flag&) = delete;

 private:
  bool& flag_;
};

}  // namespace

TlsStream::TlsStream(Socket& socket, const Expirable& deadline, BlockPool& blocks, Ssl ssl)
    : socket_(socket), deadline_(deadline), blocks_(blocks), ssl_(std::move(ssl)) {
  BIO* bio = BIO_new(TlsIo::method());
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
}

TlsStream::~TlsStream() {
  // A connection that broke off may still be resumed: its keys are as good as they were.
  if (!failure_) SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

error_code TlsStream::reason_of_failure() const {
  const auto code = ERR_get_error();
  const bool cut = ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
  if (fin_ && (cut || code == 0)) {
    return asio::ssl::error::make_error_code(asio::ssl::error::stream_truncated);
  }
  if (code != 0) return error_code(static_cast<int>(code), asio::error::get_ssl_category());
  if (receive_errno_ != 0) return error_code(receive_errno_, boost::system::system_category());
  return asio::ssl::error::make_error_code(asio::ssl::error::unexpected_result);
}

error_code TlsStream::end_of_stream() const {
  return goodbye_ ? asio::error::make_error_code(asio::error::eof) : failure_;
}

TlsStream::Step TlsStream::step_of(int result) {
  if (result > 0) return Step::done;
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return Step::wants_read;
    case SSL_ERROR_WANT_WRITE:
      return Step::wants_write;
    case SSL_ERROR_ZERO_RETURN:
      goodbye_ = true;
      return Step::failed;
    default:
      failure_ = reason_of_failure();
      return Step::failed;
  }
}

Task<error_code> TlsStream::handshake() {
  for (;;) {
    ERR_clear_error();
    const auto step = step_of(SSL_do_handshake(ssl_.get()));
    if (step == Step::failed) {
      send_now();
      co_return end_of_stream();
    }
    auto error = co_await send_batch();
    if (error || step == Step::done) co_return error;
    if (step == Step::wants_read) error = co_await wait_for_bytes();
    if (error) co_return error;
  }
}

Task<IoResult> TlsStream::read_some(asio::mutable_buffer into) {
  for (;;) {
    auto result = decrypt(into);
    if (result.bytes > 0 || result.error) co_return result;
    result.error = co_await wait_for_bytes();
    if (result.error) co_return result;
  }
}

IoResult TlsStream::decrypt(asio::mutable_buffer into) {
  IoResult result;
  ERR_clear_error();
  while (into.size() > 0 && !failure_) {
    std::size_t bytes = 0;
    const auto step = step_of(SSL_read_ex(ssl_.get(), into.data(), into.size(), &bytes));
    if (step != Step::done) break;
    result.bytes += bytes;
    into += bytes;
    if (SSL_has_pending(ssl_.get()) == 0) break;  // all that one receive brought
  }
  send_now();
  if (result.bytes == 0) result.error = end_of_stream();
  return result;
}

Task<error_code> TlsStream::wait_readable() {
  for (bool some = SSL_has_pending(ssl_.get()) != 0;; some = true) {
    if ((some || end_of_stream()) && peek() != Peek::nothing) co_return error_code();
    const auto error = co_await wait_for_bytes();
    if (error) co_return error;
  }
}

Peek TlsStream::peek() {
  if (end_of_stream()) return Peek::gone;
  ERR_clear_error();
  char byte = 0;
  std::size_t bytes = 0;
  const auto step = step_of(SSL_peek_ex(ssl_.get(), &byte, 1, &bytes));
  send_now();
  if (step == Step::done) return Peek::data;
  return step == Step::failed ? Peek::gone : Peek::nothing;
}

Task<error_code> TlsStream::write(Gather pieces) {
  const Flag writing(writing_);
  std::size_t first = 0;
  consume(pieces, first, 0);
  while (first < pieces.size()) {
    encrypt(pieces, first);
    const auto error = co_await send_batch();
    if (error) co_return error;
    if (failure_) co_return failure_;
  }
  co_return error_code();
}

void TlsStream::encrypt(Gather& pieces, std::size_t& first) {
  std::array<char, kRecordBytes> record;
  ERR_clear_error();
  if (!batch_) batch_ = worth_a_large_batch(pieces, first) ? blocks_.take_large() : blocks_.take();
  while (first < pieces.size() && batch_.size() - batch_end_ >= kReserve + kLeastRecordBytes) {
    const bool alone = pieces[first].size() >= record.size() || first + 1 == pieces.size();
    const auto now = alone ? pieces[first] : copy_into(record, pieces, first);
    const auto most = std::min(record.size(), batch_.size() - batch_end_ - kReserve);
    std::size_t bytes = 0;
    const auto size = std::min(now.size(), most);
    if (step_of(SSL_write_ex(ssl_.get(), now.data(), size, &bytes)) != Step::done) return;
    consume(pieces, first, bytes);
  }
}

Task<error_code> TlsStream::wait_for_bytes() {
  if (deadline_.timed_out()) co_return asio::error::make_error_code(asio::error::timed_out);
  const auto [error] = co_await socket_.async_wait(Socket::wait_read, use_tuple);
  co_return error;
}

Task<error_code> TlsStream::send_batch() {
  while (batch_sent_ < batch_end_) {
    const asio::const_buffer rest(batch_.data() + batch_sent_, batch_end_ - batch_sent_);
    const auto [error, bytes] = co_await socket_.async_write_some(rest, use_tuple);
    batch_sent_ += bytes;
    sent_bytes_ += bytes;
    if (error) {
      unsendable_ = error;
    } else if (batch_sent_ < batch_end_ && deadline_.timed_out()) {
      unsendable_ = asio::error::make_error_code(asio::error::timed_out);
    }
    if (unsendable_) break;
  }
  drop_batch();
  co_return unsendable_;
}

void TlsStream::send_now() {
  if (writing_ || batch_sent_ == batch_end_) return;
  if (unsendable_) return drop_batch();
  const auto n = ::send(socket_.native_handle(), batch_.data() + batch_sent_,
                        batch_end_ - batch_sent_, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (n > 0) {
    batch_sent_ += static_cast<std::size_t>(n);
    sent_bytes_ += static_cast<std::uint64_t>(n);
  }
  // What did not go out now goes in front of the next write.
  if (batch_sent_ == batch_end_ || (n < 0 && errno != EAGAIN)) drop_batch();
}

void TlsStream::drop_batch() {
  batch_.release();
  batch_end_ = batch_sent_ = 0;
}

void TlsStream::say_goodbye() {
  if (failure_ || unsendable_ || writing_ || SSL_is_init_finished(ssl_.get()) == 0) return;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
  send_now();
}

}  // namespace foreword::proxy
