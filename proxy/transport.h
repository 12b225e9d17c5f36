// One TCP connection, plain or TLS, to a client or to an upstream.
//
// Belongs to one shard; not thread-safe. One read and one write may be under way at once. After an
// error or an expiry the connection is of no further use: close it, never pool it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "proxy/deadlines.h"
#include "proxy/net.h"
#include "proxy/tls_stream.h"

namespace foreword::proxy {

class Transport final : public Expirable {
 public:
  /// Takes a connected socket, or an unopened one to connect().
  Transport(Deadlines& deadlines, Socket socket);
  ~Transport();
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  Task<error_code> connect(tcp::endpoint endpoint);
  /// Speaks TLS from here on, in the role that `ssl` was made for. `blocks` outlives this.
  Task<error_code> start_tls(Ssl ssl, BlockPool& blocks);

  Task<IoResult> read_some(asio::mutable_buffer into);
  /// The same where something comes soon; else asio::error::would_block: let go of the buffer, then
  /// wait_readable(). The cheapest way to wait on a busy connection.
  Task<IoResult> read_soon(asio::mutable_buffer into);
  /// Returns when a read will not block, without needing a buffer meanwhile.
  Task<error_code> wait_readable();
  /// What is here, without a round through the scheduler; asio::error::would_block: read_some().
  [[nodiscard]] IoResult read_now(asio::mutable_buffer into);
  /// Sends what the system takes at once. True: nothing is left to do, `error` says whether all of
  /// it is out. Else write() what is then left in `pieces`.
  [[nodiscard]] bool write_now(Gather& pieces, error_code& error);
  /// Writes all of it; lets others have a turn where much goes out without any waiting. The bytes
  /// must stay valid until it returns.
  Task<error_code> write(Gather pieces);

  /// Until stop_watching(): calls `on_gone` at most once if the peer closes or resets while nobody
  /// reads from it. A peer that sends (pipelining) is not watched any further.
  void watch(std::function<void()> on_gone);
  void stop_watching();

  /// True if the peer has neither closed nor sent anything: what a pooled connection must be.
  [[nodiscard]] bool quiet();

  /// Says that nothing more will be written, then reads and drops what still comes until the peer
  /// closes or the deadline passes: closing at once would reset the connection under the last
  /// answer.
  Task<void> linger();
  /// Makes what is under way on this connection return with an error.
  void interrupt();
  /// Is a read or a write under way?
  [[nodiscard]] bool waiting() const { return pending_ > 0; }
  void close();
  /// Closes with a reset: for a message that must not look as if it had ended.
  void reset();
  /// Bytes handed to the system since the connection stands, as they go over the wire.
  [[nodiscard]] std::uint64_t sent_bytes() const { return tls_ ? tls_->sent_bytes() : sent_bytes_; }
  /// How many of these the peer has acknowledged, where the system tells. Its own count goes up to
  /// one more, for the connection's first packet.
  [[nodiscard]] std::optional<std::uint64_t> acknowledged_bytes();
  /// Closes without TLS's goodbye: what was sent last is not a proper end, and the peer can tell.
  void cut();
  [[nodiscard]] bool open() const { return socket_.is_open(); }
  /// Null without TLS.
  [[nodiscard]] const SSL* ssl() const { return tls_ ? tls_->ssl() : nullptr; }
  /// The first byte that has arrived and is not read yet, before TLS is started.
  [[nodiscard]] std::optional<char> first_byte();
  [[nodiscard]] std::string peer() const;

 private:
  struct Watch;
  /// Counts the operations under way, for as long as it lives.
  class Pending {
   public:
    explicit Pending(int& count) : count_(count) { ++count_; }
    ~Pending() { --count_; }
    Pending(const Pending&) = delete;
    Pending& operator=(const Pending&) = delete;

   private:
    int& count_;
  };
  /// What waits returns with an error, and the connection can still say goodbye; an idle one
  /// closes.
  void on_expiry() override;
  void on_impatience() override;
  [[nodiscard]] Peek peek();
  void end_reads(error_code error);

  Socket socket_;
  std::unique_ptr<TlsStream> tls_;
  std::shared_ptr<Watch> watch_;
  std::uint64_t sent_bytes_ = 0;
  std::uint64_t sent_this_turn_ = 0;
  int pending_ = 0;
  int reads_ = 0;         // of these, plain reads
  error_code read_end_;   // where a watch met the end that a read waits for
  bool gave_up_ = false;  // of read_soon()
};

}  // namespace foreword::proxy
