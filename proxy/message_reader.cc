#include "proxy/message_reader.h"

namespace foreword::proxy {
namespace {

namespace http = boost::beast::http;
constexpr std::string_view kLineEnd = "\r\n";
constexpr std::size_t kMaxEmptyLines = 4;
constexpr std::string_view kEndOfHead = "\r\n\r\n";

/// A first byte that no HTTP message begins with (a TLS hello, say) is refused at once.
bool may_begin_message(char c) {
  return c > ' ' && c < 0x7f;
}

}  // namespace

template <bool is_request>
void MessageReader<is_request>::start_message() {
  parser_.reset();
  head_end_ = 0;
  searched_ = 0;
  empty_lines_ = 0;
  compact(0);
}

template <bool is_request>
void MessageReader<is_request>::compact(std::size_t to) {
  const auto bytes = unread();
  if (bytes.empty()) {
    begin_ = end_ = to;
    if (to == 0) block_.release();
    return;
  }
  if (begin_ == to) return;
  std::memmove(block_.data() + to, bytes.data(), bytes.size());
  end_ = to + bytes.size();
  begin_ = to;
}

template <bool is_request>
Task<ReadStatus> MessageReader<is_request>::receive() {
  if (!block_) {
    const auto error = co_await transport_.wait_readable();
    if (error) co_return transport_.timed_out() ? ReadStatus::timed_out : ReadStatus::cut;
    block_ = pool_.take();
  }
  const asio::mutable_buffer room(block_.data() + end_, kBlockBytes - end_);
  const auto result = co_await transport_.read_some(room);
  co_return received(result);
}

template <bool is_request>
Task<ReadStatus> MessageReader<is_request>::receive_soon() {
  if (!block_ && !pool_.has_spare()) {
    const auto status = co_await receive();
    co_return status;
  }
  if (!block_) block_ = pool_.take();
  const auto free = kBlockBytes - end_;
  const auto most = is_request && end_ == 0 ? config::limits::kFirstReadBytes : free;
  const asio::mutable_buffer room(block_.data() + end_, most);
  const auto result = co_await transport_.read_soon(room);
  if (result.error != asio::error::would_block) co_return received(result);
  if (end_ == 0) block_.release();
  const auto status = co_await receive();
  co_return status;
}

template <bool is_request>
ReadStatus MessageReader<is_request>::received(const IoResult& result) {
  end_ += result.bytes;
  if (!result.error) return result.bytes > 0 ? ReadStatus::ok : ReadStatus::cut;
  if (transport_.timed_out()) return ReadStatus::timed_out;
  // Without a length, only a proper end of the connection ends a message; a reset or a TLS stream
  // that was cut does not.
  return result.error == asio::error::eof ? ReadStatus::closed : ReadStatus::cut;
}

template <bool is_request>
Task<ReadStatus> MessageReader<is_request>::wait_for_message() {
  start_message();
  while (unread().empty()) {
    const auto status = co_await receive_soon();
    if (status != ReadStatus::ok) {
      co_return status == ReadStatus::timed_out ? status : ReadStatus::closed;
    }
  }
  co_return ReadStatus::ok;
}

template <bool is_request>
ReadStatus MessageReader<is_request>::parse_head() {
  boost::beast::error_code error;
  const auto bytes = unread();
  parser_->set_input(bytes);
  const auto used = parser_->put(asio::const_buffer(bytes.data(), bytes.size()), error);
  if (error == http::error::header_limit) return ReadStatus::too_large;
  if (error || !parser_->is_header_done()) return ReadStatus::malformed;
  begin_ += used;
  head_end_ = begin_;
  parser_->eager(true);
  return ReadStatus::ok;
}

template <bool is_request>
std::optional<ReadStatus> MessageReader<is_request>::find_head_end() {
  if constexpr (is_request) {
    // RFC 9112 section 2.2: an empty line before a request is skipped; old clients end a body so.
    while (unread().starts_with(kLineEnd) && empty_lines_ < kMaxEmptyLines) {
      begin_ += kLineEnd.size();
      ++empty_lines_;
    }
  }
  const auto bytes = unread();
  if (bytes.empty() || (is_request && bytes == "\r")) return std::nullopt;
  if (!may_begin_message(bytes.front())) return ReadStatus::malformed;
  const auto from = searched_ < kEndOfHead.size() ? 0 : searched_ - kEndOfHead.size();
  const auto end = bytes.find(kEndOfHead, from);
  const bool found = end != std::string_view::npos;
  const auto head_bytes = found ? end + kEndOfHead.size() : bytes.size();
  if (head_bytes > max_head_bytes_) return ReadStatus::too_large;
  if (found) return ReadStatus::ok;
  // Lines that end without CR never become a head: waiting for more would be waiting in vain.
  if (bytes.find("\n\n", from) != std::string_view::npos) return ReadStatus::malformed;
  searched_ = bytes.size();
  return std::nullopt;
}

template <bool is_request>
Task<ReadStatus> MessageReader<is_request>::read_head(bool body_follows) {
  start_message();
  parser_.emplace();
  parser_->skip(!body_follows);
  for (;;) {
    const auto found = find_head_end();
    if (found) co_return *found == ReadStatus::ok ? parse_head() : *found;
    const auto status = co_await receive_soon();
    if (status == ReadStatus::closed && !unread().empty()) co_return ReadStatus::cut;
    if (status != ReadStatus::ok) co_return status;
  }
}

template <bool is_request>
ReadStatus MessageReader<is_request>::parse_body() {
  while (!unread().empty() && !parser_->is_done()) {
    boost::beast::error_code error;
    const auto bytes = unread();
    const auto used = parser_->put(asio::const_buffer(bytes.data(), bytes.size()), error);
    begin_ += used;
    if (error == http::error::need_more) break;
    if (error) return ReadStatus::malformed;
    if (used == 0) break;
  }
  return parser_->is_done() ? ReadStatus::done : ReadStatus::ok;
}

template <bool is_request>
Task<ReadStatus> MessageReader<is_request>::read_body() {
  parser_->events().clear();
  if (parser_->is_done()) co_return ReadStatus::done;
  if (!unread().empty()) {
    const auto status = parse_body();
    if (status != ReadStatus::ok || !parser_->events().empty()) co_return status;
  }
  compact(head_end_);
  if (end_ == kBlockBytes) co_return ReadStatus::malformed;  // a chunk header as long as a block
  const auto status = co_await receive();
  if (status == ReadStatus::closed) {
    boost::beast::error_code error;
    parser_->put_eof(error);
    co_return error ? ReadStatus::cut : ReadStatus::done;
  }
  if (status != ReadStatus::ok) co_return status;
  co_return parse_body();
}

template class MessageReader<true>;
template class MessageReader<false>;

}  // namespace foreword::proxy
