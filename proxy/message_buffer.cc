#include "proxy/message_buffer.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "config/limits.h"
#include "proxy/head_parser.h"

namespace foreword::proxy {
namespace {

namespace http = boost::beast::http;
namespace asio = boost::asio;
constexpr std::string_view kLineEnd = "\r\n";
constexpr std::size_t kMaxEmptyLines = 4;

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
  head_ = Head();
  std::vector<BodyEvent>().swap(events_);
  chunks_.reset();
  body_ = Body::done;
  head_end_ = 0;
  searched_ = 0;
  empty_lines_ = 0;
  compact(0);
}

template <bool is_request>
void MessageBuffer<is_request>::start_head(bool body_follows) {
  start_message();
  body_follows_ = body_follows;
}

template <bool is_request>
ReadStatus MessageBuffer<is_request>::parse_whole_head(std::size_t bytes) {
  const auto status = proxy::parse_head(unread().substr(0, bytes), head_);
  if (status == HeadStatus::too_many_fields) return ReadStatus::too_large;
  if (status != HeadStatus::ok || !find_body()) return ReadStatus::malformed;
  begin_ += bytes;
  head_end_ = begin_;
  return ReadStatus::ok;
}

template <bool is_request>
bool MessageBuffer<is_request>::find_body() {
  chunked_ = has_token(head_.fields, FieldName::transfer_encoding, "chunked");
  content_length_.reset();
  if (const auto text = find_field(head_.fields, FieldName::content_length)) {
    std::uint64_t length = 0;
    const auto [end, failed] = std::from_chars(text->data(), text->data() + text->size(), length);
    if (failed != std::errc() || end != text->data() + text->size()) return false;
    content_length_ = length;
  }
  bool follows = body_follows_;
  if constexpr (!is_request) {
    const auto status = head_.status;
    follows = follows && status >= 200 && status != 204 && status != 304;
  }
  if (!follows) {
    body_ = Body::done;
  } else if (chunked_) {
    body_ = Body::chunked;
    chunks_.emplace(events_);
  } else if (content_length_) {
    body_ = *content_length_ > 0 ? Body::counted : Body::done;
    body_left_ = *content_length_;
  } else {
    body_ = is_request ? Body::done : Body::until_close;
  }
  return true;
}

template <bool is_request>
std::optional<ReadStatus> MessageBuffer<is_request>::find_head_end(std::size_t& head_bytes) {
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
  constexpr std::size_t kOverlap = 4;  // the empty line may be half here
  const auto from = searched_ < kOverlap ? 0 : searched_ - kOverlap;
  const auto end = find_end_of_head(bytes, from);
  const bool found = end != std::string_view::npos;
  head_bytes = found ? end : bytes.size();
  if (head_bytes > max_head_bytes_) return ReadStatus::too_large;
  if (found) return ReadStatus::ok;
  // Lines that end without CR never become a head: waiting for more would be waiting in vain.
  if (bytes.find("\n\n", from) != std::string_view::npos) return ReadStatus::malformed;
  searched_ = bytes.size();
  return std::nullopt;
}

template <bool is_request>
std::optional<ReadStatus> MessageBuffer<is_request>::parse_head() {
  std::size_t head_bytes = 0;
  const auto found = find_head_end(head_bytes);
  return found == ReadStatus::ok ? parse_whole_head(head_bytes) : found;
}

template <bool is_request>
void MessageBuffer<is_request>::parse_counted() {
  const bool counted = body_ == Body::counted;
  const auto here = unread();
  const auto size = counted ? std::min<std::uint64_t>(here.size(), body_left_) : here.size();
  if (size == 0) return;
  BodyEvent event;
  event.kind = BodyEvent::Kind::data;
  event.data = take(static_cast<std::size_t>(size));
  events_.push_back(event);
  if (!counted) return;
  body_left_ -= size;
  if (body_left_ == 0) body_ = Body::done;
}

template <bool is_request>
bool MessageBuffer<is_request>::parse_chunks() {
  while (!unread().empty() && !chunks_->is_done() &&
         events_.size() < config::limits::kMaxBodyEvents) {
    boost::beast::error_code error;
    const auto bytes = unread();
    const auto used = chunks_->put(asio::const_buffer(bytes.data(), bytes.size()), error);
    begin_ += used;
    if (error == http::error::need_more) break;
    if (error) return false;
    if (used == 0) break;
  }
  if (chunks_->is_done()) body_ = Body::done;
  return true;
}

template <bool is_request>
std::optional<ReadStatus> MessageBuffer<is_request>::parse_body() {
  events_.clear();
  if (body_ == Body::chunked) {
    if (!parse_chunks()) return ReadStatus::malformed;
  } else if (body_ != Body::done) {
    parse_counted();
  }
  if (body_ == Body::done) return ReadStatus::done;
  if (!events_.empty()) return ReadStatus::ok;
  compact(head_end_);
  if (end_ == kBlockBytes) return ReadStatus::malformed;  // a chunk header as long as a block
  return std::nullopt;
}

template <bool is_request>
ReadStatus MessageBuffer<is_request>::end_body() {
  return body_ == Body::until_close || body_ == Body::done ? ReadStatus::done : ReadStatus::cut;
}

template class MessageBuffer<true>;
template class MessageBuffer<false>;

}  // namespace foreword::proxy
