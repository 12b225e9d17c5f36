// Reads HTTP/1 messages off one connection: a head, then the body as events, then the next message.
//
// Belongs to one shard. Views handed out stay valid until the next read. Between messages, and
// while a body is awaited, no buffer is held.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "proxy/message_buffer.h"
#include "proxy/transport.h"

namespace foreword::proxy {

template <bool is_request>
class MessageReader {
 public:
  using Head = typename MessageBuffer<is_request>::Head;

  /// A head of more than `max_head_bytes` (at most limits::kMostMaxHeadBytes) is too large.
  MessageReader(Transport& transport, BlockPool& pool, std::size_t max_head_bytes)
      : transport_(transport), pool_(pool), buffer_(pool, max_head_bytes) {}

  /// Waits for the first byte of the next message. Bytes already read of it count.
  Task<ReadStatus> wait_for_message();
  /// The head of the next message, of what is here already; nothing: it goes on with
  /// rest_of_head(). `body_follows` is false for answers to HEAD.
  [[nodiscard]] std::optional<ReadStatus> head_now(bool body_follows);
  Task<ReadStatus> rest_of_head();
  [[nodiscard]] const Head& head() const { return buffer_.head(); }

  /// Nothing: chunked, or until the peer closes.
  [[nodiscard]] std::optional<std::uint64_t> content_length() const {
    return buffer_.content_length();
  }
  [[nodiscard]] bool chunked() const { return buffer_.chunked(); }
  [[nodiscard]] bool done() const { return buffer_.done(); }
  /// Only the connection's end will end the body: nothing in it says that it is whole.
  [[nodiscard]] bool ends_by_close() const { return !chunked() && !content_length() && !done(); }

  /// Reads at most once and parses what came: `events()` then holds it. `done` when the body is
  /// complete. Head views stay valid.
  Task<ReadStatus> read_body();
  /// The same of what is here already; nothing: read_body().
  [[nodiscard]] std::optional<ReadStatus> body_now() { return buffer_.parse_body(); }
  [[nodiscard]] std::vector<BodyEvent>& events() { return buffer_.events(); }

  /// Body bytes of known length that came along with the head, at most `most`; they are then taken.
  [[nodiscard]] std::string_view take_leftover(std::size_t most) { return buffer_.take(most); }
  /// The head is not looked at again, but for its numbers: its views die, and the buffer they are
  /// in is given back while more of the body is awaited. REQUIRES: no read under way, events() done
  /// with.
  void drop_head() { buffer_.drop_head(); }
  [[nodiscard]] bool has_unread() const { return buffer_.has_unread(); }
  /// The body's length is known, and all of it came along with the head.
  [[nodiscard]] bool body_is_here() const {
    const auto length = content_length();
    return length && *length <= buffer_.unread_bytes();
  }

 private:
  Task<ReadStatus> receive();
  /// The same where something is about to come: holds a buffer for a while, which is cheaper.
  Task<ReadStatus> receive_soon();
  [[nodiscard]] ReadStatus received(const IoResult& result);

  Transport& transport_;
  BlockPool& pool_;
  MessageBuffer<is_request> buffer_;
};

extern template class MessageReader<true>;
extern template class MessageReader<false>;
using RequestReader = MessageReader<true>;
using ResponseReader = MessageReader<false>;

}  // namespace foreword::proxy
