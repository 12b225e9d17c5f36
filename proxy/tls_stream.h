// TLS over one connected socket: OpenSSL does the cryptography and the records, this does the I/O.
//
// Many records go out with one send, and come in with one receive. Buffers are held only while they
// hold something: a stream that waits has none. Belongs to one shard; not thread-safe. One read and
// one write may be under way at once.
#pragma once

#include <cstdint>

#include "proxy/block_pool.h"
#include "proxy/deadlines.h"
#include "proxy/net.h"

namespace foreword::proxy {

/// What a connection that nobody reads from has to say.
enum class Peek : std::uint8_t { nothing, data, gone };

class TlsStream {
 public:
  /// `ssl` knows its role, and has no I/O yet. No operation goes on waiting once `deadline` has
  /// passed.
  TlsStream(Socket& socket, const Expirable& deadline, BlockPool& blocks, Ssl ssl);
  ~TlsStream();
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;

  Task<error_code> handshake();
  /// As many decrypted bytes as are here and fit, at least one. asio::error::eof only after the
  /// peer's close_notify: without it, the stream was cut.
  Task<IoResult> read_some(asio::mutable_buffer into);
  /// Returns when decrypted bytes are here, or the end of the stream.
  Task<error_code> wait_readable();
  /// Encrypts and sends all of it.
  Task<error_code> write(Gather pieces);

  /// Takes in what has arrived, tickets and key updates too, without waiting.
  [[nodiscard]] Peek peek();
  /// close_notify, where it can be sent without waiting and the stream is still sound.
  void say_goodbye();

  [[nodiscard]] SSL* ssl() const { return ssl_.get(); }
  /// Encrypted bytes handed to the system since the connection stands.
  [[nodiscard]] std::uint64_t sent_bytes() const { return sent_bytes_; }

 private:
  friend struct TlsIo;  // OpenSSL's way to the socket
  enum class Step : std::uint8_t { done, wants_read, wants_write, failed };

  /// What a call into OpenSSL that returned `result` came to.
  Step step_of(int result);
  [[nodiscard]] error_code reason_of_failure() const;
  /// Why there is nothing more to read; no error while there may be.
  [[nodiscard]] error_code end_of_stream() const;
  IoResult decrypt(asio::mutable_buffer into);
  /// From pieces[first] on, as much as the batch has room for.
  void encrypt(Gather& pieces, std::size_t& first);
  Task<error_code> wait_for_bytes();
  Task<error_code> send_batch();
  /// Sends what OpenSSL has to say of its own accord (an alert, say), if nobody else is sending.
  void send_now();
  void drop_batch();

  Socket& socket_;
  const Expirable& deadline_;
  BlockPool& blocks_;
  Ssl ssl_;
  BlockPool::Block batch_;  // records on their way out
  std::size_t batch_end_ = 0;
  std::size_t batch_sent_ = 0;
  std::uint64_t sent_bytes_ = 0;
  error_code failure_;     // OpenSSL gave up: nothing works any more
  error_code unsendable_;  // a batch was lost; what the peer sent before can still be read
  int receive_errno_ = 0;  // of the last receive that failed
  bool fin_ = false;       // the peer closed the connection
  bool goodbye_ = false;   // the peer's close_notify came
  bool writing_ = false;
};

}  // namespace foreword::proxy
