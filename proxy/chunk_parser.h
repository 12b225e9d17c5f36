// Beast's HTTP/1 parser, of which only the chunked coding is used: the body as events.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

#include "config/limits.h"
#include "proxy/beast.h"

namespace foreword::proxy {

/// What of a body went by. `data` views the bytes that were parsed; a chunk begins with its size.
struct BodyEvent {
  enum class Kind : std::uint8_t { chunk_begin, data, chunk_end };
  Kind kind{};
  std::string_view data;
  std::uint64_t chunk_bytes = 0;
};

/// Trailers are read and dropped.
class ChunkParser final : public boost::beast::http::basic_parser<true> {
 public:
  using error_code = boost::beast::error_code;
  using string_view = boost::beast::string_view;

  /// Appends what it makes of the bytes given to put() to `events`, which has to outlive it.
  explicit ChunkParser(std::vector<BodyEvent>& events) : events_(events) {
    // Beast knows chunks only as the body of a message.
    static constexpr std::string_view kHead =
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
    header_limit(static_cast<std::uint32_t>(config::limits::kMostMaxHeadBytes));
    body_limit(boost::none);
    error_code none;
    put(boost::asio::const_buffer(kHead.data(), kHead.size()), none);
  }

 private:
  static bool is_control(char c) {
    return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == '\x7f';
  }

  void on_request_impl(boost::beast::http::verb, string_view, string_view, int,
                       error_code& error) override {
    error = {};
  }
  void on_response_impl(int, string_view, int, error_code& error) override { error = {}; }
  void on_field_impl(boost::beast::http::field, string_view, string_view,
                     error_code& error) override {
    error = {};
  }
  void on_header_impl(error_code& error) override { error = {}; }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code& error) override {
    error = {};
  }
  std::size_t on_body_impl(string_view, error_code& error) override {
    error = {};
    return 0;
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
    push(BodyEvent::Kind::data, std::string_view(body.data(), body.size()), 0);
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

  std::vector<BodyEvent>& events_;
};

}  // namespace foreword::proxy
