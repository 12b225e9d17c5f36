// The bytes of one connection, taken apart into HTTP/1 messages as they come: what MessageReader
// does, without its I/O.
//
// Views handed out stay valid until more bytes are asked for. Between messages, and while a body is
// awaited, no buffer is held. Not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>
#include <vector>

#include "proxy/block_pool.h"
#include "proxy/chunk_parser.h"
#include "proxy/head.h"

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
class MessageBuffer {
 public:
  using Head = std::conditional_t<is_request, RequestHead, ResponseHead>;

  /// A head of more than `max_head_bytes` (at most limits::kMostMaxHeadBytes) is too large.
  MessageBuffer(BlockPool& pool, std::size_t max_head_bytes)
      : pool_(pool), max_head_bytes_(max_head_bytes) {}

  /// Where the next bytes of the connection go: never empty after one of the functions below asked
  /// for more.
  [[nodiscard]] boost::asio::mutable_buffer room();
  [[nodiscard]] bool holds_block() const { return static_cast<bool>(block_); }
  void received(std::size_t bytes) { end_ += bytes; }
  /// Gives the block back where hardly anything is in it.
  void release_if_possible() {
    if (head_end_ == 0) compact(0);
  }

  /// What came behind the last message's end belongs to the next one.
  void start_message();
  /// `body_follows` is false for answers to HEAD.
  void start_head(bool body_follows);
  /// Nothing: more bytes are needed. Else ok, malformed or too_large.
  [[nodiscard]] std::optional<ReadStatus> parse_head();
  /// `ok`: events() holds something of the body, and more follows, some of which may be here
  /// already; `done`: all of the rest.
  /// Nothing: more bytes are needed. REQUIRES: a head that was parsed.
  [[nodiscard]] std::optional<ReadStatus> parse_body();
  /// The connection ended while a body was awaited: `done` where that is the body's end, else
  /// `cut`.
  [[nodiscard]] ReadStatus end_body();

  /// Views into the bytes that are here; drop_head() ends them, and so does the next message.
  [[nodiscard]] const Head& head() const { return head_; }
  /// Content-Length, whether or not a body follows.
  [[nodiscard]] std::optional<std::uint64_t> content_length() const { return content_length_; }
  [[nodiscard]] bool chunked() const { return chunked_; }
  /// Has all of the message been parsed?
  [[nodiscard]] bool done() const { return body_ == Body::done; }
  [[nodiscard]] std::vector<BodyEvent>& events() { return events_; }
  [[nodiscard]] bool has_unread() const { return begin_ < end_; }
  [[nodiscard]] std::size_t unread_bytes() const { return end_ - begin_; }
  /// At most `most` bytes of what is here and not parsed; they are then taken.
  [[nodiscard]] std::string_view take(std::size_t most) {
    const auto bytes = unread().substr(0, most);
    begin_ += bytes.size();
    return bytes;
  }
  /// The head's views die, and the buffer they are in is given back while more is awaited.
  /// REQUIRES: events() done with.
  void drop_head() {
    Fields().swap(head_.fields);
    head_end_ = 0;
    compact(0);
  }

 private:
  [[nodiscard]] std::string_view unread() const {
    const char* bytes = block_ ? block_.data() : rest_.data();
    return std::string_view(bytes + begin_, end_ - begin_);
  }
  enum class Body : std::uint8_t { done, counted, chunked, until_close };

  [[nodiscard]] ReadStatus parse_whole_head(std::size_t bytes);
  /// What the head says of the body behind it. False: it cannot be told.
  [[nodiscard]] bool find_body();
  void parse_counted();
  /// False: it is no chunked coding.
  [[nodiscard]] bool parse_chunks();
  /// Is the end of the head here? Too large or malformed as soon as that is certain; ok: it is
  /// `head_bytes` long.
  [[nodiscard]] std::optional<ReadStatus> find_head_end(std::size_t& head_bytes);
  /// Moves unread bytes to `to`, so that there is room behind them; gives a block back that holds
  /// next to nothing.
  void compact(std::size_t to);

  BlockPool& pool_;
  std::size_t max_head_bytes_;
  BlockPool::Block block_;
  /// What is unread while there is no block: less than any head. A chunk's last line end is only
  /// parsed with the next chunk, and no stream should hold a block for two bytes.
  std::array<char, 8> rest_{};
  std::size_t head_end_ = 0;  // the head's bytes stay in front while its body is read
  std::size_t begin_ = 0;     // of what has not been parsed
  std::size_t end_ = 0;
  std::size_t searched_ = 0;     // the end of the head is not before this
  std::size_t empty_lines_ = 0;  // in front of the head
  Head head_;
  std::optional<std::uint64_t> content_length_;
  std::uint64_t body_left_ = 0;  // of a counted body, in bytes
  Body body_ = Body::done;
  bool chunked_ = false;
  bool body_follows_ = true;
  std::optional<ChunkParser> chunks_;
  std::vector<BodyEvent> events_;
};

extern template class MessageBuffer<true>;
extern template class MessageBuffer<false>;

}  // namespace foreword::proxy
