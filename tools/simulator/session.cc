#include "simulator/session.h"

#include <array>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include "simulator/answer_sender.h"

namespace foreword::simulator {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Parser = http::request_parser<http::string_body>;

constexpr auto kToken = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::seconds kReadTimeout{75};
constexpr std::chrono::seconds kDrainTimeout{5};
constexpr std::uint32_t kMaxHeadBytes = 64u << 10;
constexpr std::uint64_t kMaxBodyBytes = 64u << 20;

Request to_request(http::request<http::string_body>&& message) {
  Request request;
  request.method = message.method_string();
  request.target = message.target();
  for (const auto& field : message) {
    request.headers.push_back({std::string(field.name_string()), std::string(field.value())});
  }
  request.body = std::move(message.body());
  return request;
}

/// One request read, with what the answer has to know of its framing.
struct Incoming {
  enum class Outcome : std::uint8_t { request, too_large, closed };
  Outcome outcome = Outcome::closed;
  Request request;
  SendTerms terms;
};

bool expects_continue(const Parser& parser) {
  return beast::iequals(parser.get()[http::field::expect], "100-continue");
}

asio::awaitable<Incoming> read_request(beast::tcp_stream& stream, beast::flat_buffer& buffer) {
  Parser parser;
  parser.header_limit(kMaxHeadBytes);
  parser.body_limit(kMaxBodyBytes);
  stream.expires_after(kReadTimeout);
  auto [error, size] = co_await http::async_read_header(stream, buffer, parser, kToken);
  if (!error && expects_continue(parser) && !parser.is_done()) {
    const asio::const_buffer interim = asio::buffer("HTTP/1.1 100 Continue\r\n\r\n", 25);
    std::tie(error, size) = co_await asio::async_write(stream, interim, kToken);
  }
  if (!error) std::tie(error, size) = co_await http::async_read(stream, buffer, parser, kToken);
  stream.expires_never();

  Incoming incoming;
  if (error && error != http::error::body_limit) co_return incoming;
  incoming.outcome = error ? Incoming::Outcome::too_large : Incoming::Outcome::request;
  incoming.terms.http_minor = parser.get().version() >= 11 ? 1 : 0;
  // An answer to HEAD has a body here, which only the end of the connection makes harmless.
  const bool is_head = parser.get().method() == http::verb::head;
  incoming.terms.keep_alive = !error && !is_head && parser.keep_alive();
  incoming.request = to_request(parser.release());
  co_return incoming;
}

/// Reads on for a while after a refusal: a connection closed with unread bytes is reset, and the
/// client would lose the answer.
asio::awaitable<void> drain(beast::tcp_stream& stream) {
  std::array<char, 65536> discarded;
  const auto room = asio::buffer(discarded);
  stream.expires_after(kDrainTimeout);
  for (;;) {
    const auto [error, size] = co_await stream.async_read_some(room, kToken);
    if (error) co_return;
  }
}

}  // namespace

asio::awaitable<void> run_session(asio::ip::tcp::socket socket, Simulator& simulator) {
  boost::system::error_code ignored;
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  beast::tcp_stream stream(std::move(socket));
  beast::flat_buffer buffer;
  bool has_unread = false;
  for (bool open = true; open;) {
    const Incoming incoming = co_await read_request(stream, buffer);
    if (incoming.outcome == Incoming::Outcome::closed) break;
    has_unread = incoming.outcome == Incoming::Outcome::too_large;
    const Exchange exchange = incoming.outcome == Incoming::Outcome::too_large
                                  ? simulator.refuse_size(incoming.request)
                                  : simulator.answer(incoming.request);
    const Sent sent = co_await send_answer(stream, simulator, exchange, incoming.terms);
    simulator.end(exchange, sent.ending, sent.output_tokens);
    open = sent.may_reuse;
  }
  stream.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  if (has_unread) co_await drain(stream);
}

}  // namespace foreword::simulator
