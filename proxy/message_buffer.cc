#include "proxy/message_buffer.h"

#include <cstring>

namespace foreword::proxy {
namespace {

namespace http = boost::beast::http;
namespace asio = boost::asio;
constexpr std::string_view kLineEnd = "\r\n";
constexpr std::size_t kMaxEmptyLines = 4;
constexpr std::string_view kEndOfHead = "\r\n\r\n";

/// A first byte that no HTTP message begins with (a TLS hello, say) is refused at once.
bool may_begin_message(char c) {
  return c > ' ' && c < 0x7f;
}

}  // namespace

template <bool is_request>
asio::mutable_buffer MessageBuffer<is_request>::room() {
  if (!block_) {
    block_ = pool_.take();
    std::memcpy(block_.data(), rest_.data(), end_);
  }
  return asio::mutable_buffer(block_.data() + end_, kBlockBytes - end_);
}

template <bool is_request>
void MessageBuffer<is_request>::compact(std::size_t to) {
  const auto bytes = unread();
  if (to == 0 && bytes.size() <= rest_.size()) {
    std::memmove(rest_.data(), bytes.data(), bytes.size());
    begin_ = 0;
    end_ = bytes.size();
    block_.release();
    return;
  }
  if (begin_ == to) return;
  std::memmove(block_.data() + to, bytes.data(), bytes.size());
  end_ = to + bytes.size();
  begin_ = to;
}

template <bool is_request>
void MessageBuffer<is_request>::start_message() {
  parser_.reset();
  head_end_ = 0;
  searched_ = 0;
  empty_lines_ = 0;
  compact(0);
}

template <bool is_request>
void MessageBuffer<is_request>::start_head(bool body_follows) {
  start_message();
  parser_.emplace();
  parser_->skip(!body_follows);
}

template <bool is_request>
ReadStatus MessageBuffer<is_request>::parse_whole_head() {
  boost::beast::error_code error;
  const auto bytes = unread();
  parser_->set_input(bytes);
  const auto used = parser_->put(asio::const_buffer(bytes.data(), bytes.size()), error);
  if (error == http::error::header_limit) return ReadStatus::too_large;
  if (error || !parser_->is_header_done()) return ReadStatus::malformed;
  begin_ += used;
  head_end_ = begin_;
  return ReadStatus::ok;
}

template <bool is_request>
std::optional<ReadStatus> MessageBuffer<is_request>::find_head_end() {
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
std::optional<ReadStatus> MessageBuffer<is_request>::parse_head() {
  const auto found = find_head_end();
  return found == ReadStatus::ok ? parse_whole_head() : found;
}

template <bool is_request>
std::optional<ReadStatus> MessageBuffer<is_request>::parse_body() {
  parser_->events().clear();
  while (!unread().empty() && !parser_->is_done() &&
         parser_->events().size() < config::limits::kMaxBodyEvents) {
    boost::beast::error_code error;
    const auto bytes = unread();
    const auto used = parser_->put(asio::const_buffer(bytes.data(), bytes.size()), error);
    begin_ += used;
    if (error == http::error::need_more) break;
    if (error) return ReadStatus::malformed;
    if (used == 0) break;
  }
  if (parser_->is_done()) return ReadStatus::done;
  if (!parser_->events().empty()) return ReadStatus::ok;
  compact(head_end_);
  if (end_ == kBlockBytes) return ReadStatus::malformed;  // a chunk header as long as a block
  return std::nullopt;
}

template <bool is_request>
ReadStatus MessageBuffer<is_request>::end_body() {
  boost::beast::error_code error;
  parser_->put_eof(error);
  return error ? ReadStatus::cut : ReadStatus::done;
}

template class MessageBuffer<true>;
template class MessageBuffer<false>;

}  // namespace foreword::proxy
