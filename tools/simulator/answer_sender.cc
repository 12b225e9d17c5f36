#include "simulator/answer_sender.h"

#include <sstream>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/write.hpp>
#include <fmt/format.h>

#include "simulator/gzip.h"

namespace foreword::simulator {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using namespace asio::experimental::awaitable_operators;

constexpr auto kToken = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::seconds kWriteTimeout{60};
/// A stalled answer does not hold its connection for ever.
constexpr std::chrono::minutes kLongestStall{15};

/// SDKs abort by closing, which shows as an end of file; data would be a pipelined request.
bool has_gone(tcp::socket& socket) {
  boost::system::error_code error;
  socket.non_blocking(true, error);
  char byte = 0;
  socket.receive(asio::buffer(&byte, 1), tcp::socket::message_peek, error);
  return error && error != asio::error::would_block && error != asio::error::try_again;
}

/// Waits; false as soon as the client goes away.
asio::awaitable<bool> pause(tcp::socket& socket, std::chrono::milliseconds duration) {
  if (has_gone(socket)) co_return false;
  if (duration.count() == 0) co_return true;
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, duration);
  const auto woken =
      co_await (timer.async_wait(kToken) || socket.async_wait(tcp::socket::wait_read, kToken));
  if (has_gone(socket)) co_return false;
  // Woken by a pipelined request: the wait is not over, and nothing more will be noticed.
  if (woken.index() == 1) co_await timer.async_wait(kToken);
  co_return true;
}

/// The body's bytes on the wire: framed, compressed and cut as agreed.
class BodyWriter {
 public:
  BodyWriter(beast::tcp_stream& stream, bool chunked, std::optional<std::size_t> limit)
      : stream_(stream), chunked_(chunked), left_(limit) {}

  /// False if the bytes could not be sent, or the limit on bytes is reached.
  asio::awaitable<bool> write(std::string bytes) {
    if (left_) bytes.resize(std::min(bytes.size(), *left_));
    if (left_) *left_ -= bytes.size();
    if (bytes.empty()) co_return !is_cut();
    std::string framed =
        chunked_ ? fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes) : std::move(bytes);
    const bool sent = co_await write_raw(std::move(framed));
    co_return sent && !is_cut();
  }

  asio::awaitable<bool> write_raw(std::string bytes) {
    stream_.expires_after(kWriteTimeout);
    const auto buffer = asio::buffer(bytes);
    const auto [error, size] = co_await asio::async_write(stream_, buffer, kToken);
    stream_.expires_never();
    failed_ = failed_ || error;
    co_return !error;
  }

  [[nodiscard]] bool is_cut() const { return left_ && *left_ == 0; }
  [[nodiscard]] bool has_failed() const { return failed_; }

 private:
  beast::tcp_stream& stream_;
  bool chunked_;
  std::optional<std::size_t> left_;
  bool failed_ = false;
};

bool compresses(const Exchange& exchange) {
  return exchange.faults.gzip == Gzip::always ||
         (exchange.faults.gzip == Gzip::if_accepted && exchange.accepts_gzip);
}

bool is_chunked(const Reply& reply, SendTerms terms) {
  return reply.is_streamed && terms.http_minor >= 1;
}

/// A stream to an HTTP/1.0 client can only end with its connection.
bool keeps_alive(const Reply& reply, SendTerms terms) {
  return terms.keep_alive && (!reply.is_streamed || is_chunked(reply, terms));
}

std::string head_of(const Exchange& exchange, std::size_t body_bytes, SendTerms terms) {
  const Reply& reply = exchange.reply;
  http::response<http::empty_body> head;
  head.version(terms.http_minor >= 1 ? 11 : 10);
  head.result(reply.status);
  if (reply.status == 529) head.reason("Overloaded");
  head.set(http::field::content_type, reply.content_type);
  if (compresses(exchange)) head.set(http::field::content_encoding, "gzip");
  if (reply.is_streamed) head.set(http::field::cache_control, "no-cache");
  for (const auto& header : reply.headers) head.insert(header.name, header.value);
  head.keep_alive(keeps_alive(reply, terms));
  if (keeps_alive(reply, terms)) head.set(http::field::keep_alive, "timeout=75");
  if (is_chunked(reply, terms)) head.chunked(true);
  if (!reply.is_streamed) head.content_length(body_bytes);
  std::ostringstream text;
  text << head.base();
  return text.str();
}

/// How a failed or shortened write is to be logged.
Ending ending_of(const BodyWriter& writer) {
  return writer.has_failed() ? Ending::aborted : Ending::cut;
}

asio::awaitable<Sent> send_document(beast::tcp_stream& stream, Simulator& simulator,
                                    const Exchange& exchange, SendTerms terms) {
  const std::uint64_t output = exchange.reply.usage.output();
  if (exchange.faults.stall_after_events) {
    const bool still_there = co_await pause(stream.socket(), kLongestStall);
    co_return Sent{still_there ? Ending::cut : Ending::aborted, 0, false};
  }
  std::string body = exchange.reply.body;
  if (compresses(exchange)) {
    GzipStream gzip;
    body = gzip.add(body);
    body += gzip.finish();
  }
  simulator.begin(exchange);
  std::string bytes = head_of(exchange, body.size(), terms);
  const std::size_t head_bytes = bytes.size();
  bytes += body;
  const auto& cut = exchange.faults.cut_after_bytes;
  const bool is_cut = cut && *cut < body.size();
  if (is_cut) bytes.resize(head_bytes + *cut);
  BodyWriter writer(stream, false, std::nullopt);
  const bool sent = co_await writer.write_raw(std::move(bytes));
  if (!sent) co_return Sent{Ending::aborted, output, false};
  co_return Sent{is_cut ? Ending::cut : Ending::complete, output, !is_cut && terms.keep_alive};
}

/// What to do before the event of that number is sent.
struct Step {
  bool cut = false;
  std::chrono::milliseconds wait{0};
  bool stall = false;
};

Step step_before(std::size_t event, const Faults& faults) {
  Step step;
  step.cut = faults.cut_after_events && event >= *faults.cut_after_events;
  step.stall = faults.stall_after_events && event >= *faults.stall_after_events;
  if (step.stall)
    step.wait = kLongestStall;
  else if (event > 0)
    step.wait = faults.event_delay;
  return step;
}

asio::awaitable<Sent> send_events(beast::tcp_stream& stream, Simulator& simulator,
                                  const Exchange& exchange, SendTerms terms) {
  const Reply& reply = exchange.reply;
  const bool chunked = is_chunked(reply, terms);
  std::optional<GzipStream> gzip;
  if (compresses(exchange)) gzip.emplace();
  BodyWriter writer(stream, chunked, exchange.faults.cut_after_bytes);

  simulator.begin(exchange);
  std::string head = head_of(exchange, 0, terms);
  if (!co_await writer.write_raw(std::move(head))) co_return Sent{Ending::aborted, 0, false};
  std::uint64_t generated = 0;
  for (std::size_t i = 0; i < reply.events.size(); ++i) {
    const Step step = step_before(i, exchange.faults);
    if (step.cut) co_return Sent{Ending::cut, generated, false};
    const bool still_there = co_await pause(stream.socket(), step.wait);
    if (!still_there) co_return Sent{Ending::aborted, generated, false};
    if (step.stall) co_return Sent{Ending::cut, generated, false};
    std::string bytes = gzip ? gzip->add(reply.events[i].bytes) : reply.events[i].bytes;
    const bool sent = co_await writer.write(std::move(bytes));
    if (!sent) co_return Sent{ending_of(writer), generated, false};
    generated = reply.events[i].output_tokens;
  }
  if (exchange.faults.cut_after_events) co_return Sent{Ending::cut, generated, false};
  std::string last = gzip ? gzip->finish() : std::string();
  if (gzip && !co_await writer.write(std::move(last))) {
    co_return Sent{ending_of(writer), generated, false};
  }
  std::string end = chunked ? "0\r\n\r\n" : "";
  const bool ended = co_await writer.write_raw(std::move(end));
  co_return Sent{ended ? Ending::complete : Ending::aborted, generated,
                 ended && keeps_alive(reply, terms)};
}

/// As long as the virtual clock has not reached the answer's time. False: the client went away.
asio::awaitable<bool> hold_back(tcp::socket& socket, Simulator& simulator, TimePoint until) {
  constexpr std::chrono::milliseconds kLook{1};
  const FirstBytes::Held held(simulator.first_bytes(), until);
  while (simulator.clock().now() < until) {
    const bool still_there = co_await pause(socket, kLook);
    if (!still_there) co_return false;
  }
  co_return true;
}

}  // namespace

asio::awaitable<Sent> send_answer(beast::tcp_stream& stream, Simulator& simulator,
                                  const Exchange& exchange, SendTerms terms) {
  bool still_there = co_await pause(stream.socket(), exchange.faults.first_byte_delay);
  if (still_there && exchange.first_byte_at) {
    still_there = co_await hold_back(stream.socket(), simulator, *exchange.first_byte_at);
  }
  if (!still_there) co_return Sent{Ending::aborted, 0, false};
  if (exchange.reply.is_streamed) {
    const Sent sent = co_await send_events(stream, simulator, exchange, terms);
    co_return sent;
  }
  const Sent sent = co_await send_document(stream, simulator, exchange, terms);
  co_return sent;
}

}  // namespace foreword::simulator
