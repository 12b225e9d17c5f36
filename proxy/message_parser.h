// Beast's HTTP/1 parser, without its containers: a head as views, a body as events.
//
// Only heads and chunk framing go through it; a body of known length does not need to.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "config/limits.h"
#include "proxy/beast.h"
#include "proxy/head.h"

namespace foreword::proxy {

/// What of a body went by. `data` views the bytes given to put(); a chunk begins with its size.
struct BodyEvent {
  enum class Kind : std::uint8_t { chunk_begin, data, chunk_end };
  Kind kind{};
  std::string_view data;
  std::uint64_t chunk_bytes = 0;
};

template <bool is_request>
class MessageParser final : public boost::beast::http::basic_parser<is_request> {
 public:
  using Base = boost::beast::http::basic_parser<is_request>;
  using Head = std::conditional_t<is_request, RequestHead, ResponseHead>;
  using error_code = boost::beast::error_code;
  using string_view = boost::beast::string_view;

  MessageParser() {
    this->header_limit(static_cast<std::uint32_t>(config::limits::kMostMaxHeadBytes));
    this->body_limit(boost::none);
    head_.fields.reserve(kUsualFields);
  }

  /// Views into the bytes that were given to put() when the head was complete.
  [[nodiscard]] const Head& head() const { return head_; }
  /// Lets go of the head's fields; its numbers stay.
  void drop_fields() { Fields().swap(head_.fields); }
  /// True if a header line was folded: its value is then no view of ours, and it is refused.
  [[nodiscard]] bool folded() const { return folded_; }
  /// What the last put() calls made of the body; the caller clears it.
  [[nodiscard]] std::vector<BodyEvent>& events() { return events_; }
  /// The bytes put() will be given: folded values lie outside of them.
  void set_input(std::string_view input) { input_ = input; }

 private:
  static bool is_control(char c) {
    return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == '\x7f';
  }
  static std::string_view view(string_view s) { return std::string_view(s.data(), s.size()); }

  void on_request_impl(boost::beast::http::verb, string_view method, string_view target,
                       int version, error_code& error) override {
    error = {};
    if constexpr (is_request) {
      head_.method = view(method);
      head_.target = view(target);
      head_.version = static_cast<HttpVersion>(version);
    }
  }
  void on_response_impl(int status, string_view reason, int version, error_code& error) override {
    error = {};
    if constexpr (!is_request) {
      head_.status = static_cast<unsigned>(status);
      head_.reason = view(reason);
      head_.version = static_cast<HttpVersion>(version);
    }
  }
  void on_field_impl(boost::beast::http::field, string_view name, string_view value,
                     error_code& error) override {
    error = {};
    if (this->is_header_done()) return;  // a trailer: dropped
    if (head_.fields.size() >= config::limits::kMaxHeaderFields) {
      error = boost::beast::http::error::header_limit;
      return;
    }
    const bool inside = value.empty() || (value.data() >= input_.data() &&
                                          value.data() < input_.data() + input_.size());
    if (!inside) folded_ = true;
    Field field;
    field.name = view(name);
    if (inside) field.value = view(value);
    head_.fields.push_back(field);
  }
  /// Beast joins most folded lines, but hands one whose first line is empty over as it stands.
  void on_header_impl(error_code& error) override {
    error = {};
    for (auto at = input_.find('\n'); at + 1 < input_.size(); at = input_.find('\n', at + 1)) {
      const char next = input_[at + 1];
      if (next == '\r') break;  // the empty line
      folded_ = folded_ || next == ' ' || next == '\t';
    }
  }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code& error) override {
    error = {};
  }
  std::size_t on_body_impl(string_view body, error_code& error) override {
    error = {};
    push(BodyEvent::Kind::data, view(body), 0);
    return body.size();
  }
  /// Beast takes any byte between the quotes of an extension, a line feed too: others see a line
  /// end there, and so another body.
  void on_chunk_header_impl(std::uint64_t size, string_view extensions,
                            error_code& error) override {
    error = {};
    if (std::any_of(extensions.begin(), extensions.end(), is_control)) {
      error = boost::beast::http::error::bad_chunk_extension;
      return;
    }
    if (size > 0) push(BodyEvent::Kind::chunk_begin, std::string_view(), size);
  }
  std::size_t on_chunk_body_impl(std::uint64_t remain, string_view body,
                                 error_code& error) override {
    error = {};
    push(BodyEvent::Kind::data, view(body), 0);
    if (remain == body.size()) push(BodyEvent::Kind::chunk_end, std::string_view(), 0);
    return body.size();
  }
  void on_finish_impl(error_code& error) override { error = {}; }

  void push(BodyEvent::Kind kind, std::string_view data, std::uint64_t chunk_bytes) {
    BodyEvent event;
    event.kind = kind;
    event.data = data;
    event.chunk_bytes = chunk_bytes;
    events_.push_back(event);
  }

  static constexpr std::size_t kUsualFields = 24;  // an SDK's request has 15 to 20

  Head head_;
  std::string_view input_;
  bool folded_ = false;
  std::vector<BodyEvent> events_;
};

using RequestParser = MessageParser<true>;
using ResponseParser = MessageParser<false>;

}  // namespace foreword::proxy
