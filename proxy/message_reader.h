// Reads HTTP/1 messages off one connection: a head, then the body as events, then the next message.
//
// Belongs to one shard. Views handed out stay valid until the next read. Between messages, and
// while a body is awaited, no buffer is held.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "proxy/block_pool.h"
#include "proxy/message_parser.h"
#include "proxy/transport.h"

namespace foreword::proxy {

enum class ReadStatus : std::uint8_t {
  ok,
  done,       // the message is complete
  closed,     // the peer closed before the first byte of a message
  cut,        // the peer closed or reset in the middle of a message
  timed_out,  // a deadline of ours
  malformed,  // not HTTP/1
  too_large,  // the head exceeds its limit
};

template <bool is_request>
class MessageReader {
 public:
  using Parser = MessageParser<is_request>;

  /// A head of more than `max_head_bytes` (at most limits::kMostMaxHeadBytes) is too large.
  MessageReader(Transport& transport, BlockPool& pool, std::size_t max_head_bytes)
      : transport_(transport), pool_(pool), max_head_bytes_(max_head_bytes) {}

  /// Waits for the first byte of the next message. Bytes already read of it count.
  Task<ReadStatus> wait_for_message();
  /// Reads the head of the next message. `body_follows` is false for answers to HEAD.
  Task<ReadStatus> read_head(bool body_follows);
  [[nodiscard]] const typename Parser::Head& head() const { return parser_->head(); }
  [[nodiscard]] bool folded() const { return parser_->folded(); }

  /// Nothing: chunked, or until the peer closes.
  [[nodiscard]] std::optional<std::uint64_t> content_length() const {
    const auto length = parser_->content_length();
    if (!length) return std::nullopt;
    return *length;
  }
  [[nodiscard]] bool chunked() const { return parser_->chunked(); }
  [[nodiscard]] bool done() const { return parser_->is_done(); }

  /// Reads once and parses what came: `events()` then holds it. `done` when the body is complete.
  /// Head views stay valid.
  Task<ReadStatus> read_body();
  [[nodiscard]] std::vector<BodyEvent>& events() { return parser_->events(); }

  /// Body bytes of known length that came along with the head, at most `most`; they are then taken.
  [[nodiscard]] std::string_view take_leftover(std::size_t most) {
    const auto bytes = unread().substr(0, most);
    begin_ += bytes.size();
    return bytes;
  }
  /// The head is not looked at again, but for its numbers: its views die, and the buffer they are
  /// in is given back while more of the body is awaited. REQUIRES: no read under way, events() done
  /// with.
  void drop_head() {
    parser_->drop_fields();
    head_end_ = 0;
    compact(0);
  }
  [[nodiscard]] bool has_unread() const { return begin_ < end_; }
  /// The body's length is known, and all of it came along with the head.
  [[nodiscard]] bool body_is_here() const {
    return parser_->content_length() && *parser_->content_length() <= end_ - begin_;
  }

 private:
  [[nodiscard]] std::string_view unread() const {
    return block_ ? std::string_view(block_.data() + begin_, end_ - begin_) : std::string_view();
  }
  void start_message();
  ReadStatus parse_head();
  ReadStatus parse_body();
  /// Is the end of the head here? Too large or malformed as soon as that is certain.
  [[nodiscard]] std::optional<ReadStatus> find_head_end();
  Task<ReadStatus> receive();
  /// The same where something is about to come: holds a buffer for a while, which is cheaper.
  Task<ReadStatus> receive_soon();
  [[nodiscard]] ReadStatus received(const IoResult& result);
  /// Moves unread bytes to `to`, so that there is room behind them; gives an empty block back.
  void compact(std::size_t to);

  Transport& transport_;
  BlockPool& pool_;
  std::size_t max_head_bytes_;
  BlockPool::Block block_;
  std::size_t head_end_ = 0;  // the head's bytes stay in front while its body is read
  std::size_t begin_ = 0;     // of what has not been parsed
  std::size_t end_ = 0;
  std::size_t searched_ = 0;     // the end of the head is not before this
  std::size_t empty_lines_ = 0;  // in front of the head
  std::optional<Parser> parser_;
};

extern template class MessageReader<true>;
extern template class MessageReader<false>;
using RequestReader = MessageReader<true>;
using ResponseReader = MessageReader<false>;

}  // namespace foreword::proxy
