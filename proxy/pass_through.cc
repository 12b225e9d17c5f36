#include "proxy/pass_through.h"

#include <utility>

#include <fmt/format.h>

#include "config/limits.h"
#include "proxy/forward.h"

namespace foreword::proxy {
namespace {

asio::const_buffer as_buffer(std::string_view bytes) {
  return asio::const_buffer(bytes.data(), bytes.size());
}

/// One read's worth of body in the framing that the upstream gets it in.
struct Slice {
  Gather pieces;
  std::string chunk_head;
  std::uint64_t bytes = 0;
};

void frame(const std::vector<BodyEvent>& events, bool chunked, bool last, Slice& slice) {
  for (const auto& event : events) slice.bytes += event.data.size();
  if (chunked && slice.bytes > 0) {
    slice.chunk_head = fmt::format("{:x}\r\n", slice.bytes);
    slice.pieces.push_back(as_buffer(slice.chunk_head));
  }
  for (const auto& event : events) {
    if (!event.data.empty()) slice.pieces.push_back(as_buffer(event.data));
  }
  if (chunked && slice.bytes > 0) slice.pieces.push_back(as_buffer("\r\n"));
  if (chunked && last) slice.pieces.push_back(as_buffer("0\r\n\r\n"));
}

bool over_limit(const Exchange& exchange, std::uint64_t bytes) {
  return exchange.call.operation != config::Operation::other &&
         bytes > exchange.settings().max_body_bytes;
}

Failure body_too_large(const Exchange& exchange) {
  return Failure(FailureCode::body_too_large,
                 fmt::format("the request's body exceeds proxy.max_body_bytes = {}",
                             exchange.settings().max_body_bytes));
}

/// Sends the body on as it comes. An upstream that stops taking it has usually answered already
/// (413, say): then the answer is read, and the rest of the body is not.
Task<std::optional<Failure>> stream_body(Exchange& exchange, bool chunked) {
  auto& reader = exchange.client.reader;
  auto status = reader.done() ? ReadStatus::done : ReadStatus::ok;
  std::uint64_t total = 0;
  while (status == ReadStatus::ok) {
    exchange.client.transport.expires_after(exchange.settings().request_timeout);
    status = co_await reader.read_body();
    if (status == ReadStatus::malformed) {
      co_return Failure(FailureCode::bad_request, "the request's body is not valid chunked coding");
    }
    if (status == ReadStatus::timed_out) {
      co_return Failure(FailureCode::request_timeout, "the request's body did not arrive in time");
    }
    if (status != ReadStatus::ok && status != ReadStatus::done) {
      exchange.client_gone = true;
      co_return Failure(FailureCode::bad_request, "the client left in the middle of its request");
    }
    Slice slice;
    frame(reader.events(), chunked, status == ReadStatus::done, slice);
    total += slice.bytes;
    if (over_limit(exchange, total)) co_return body_too_large(exchange);
    exchange.upstream->expires_after(exchange.settings().idle_timeout);
    const auto unsent = co_await exchange.upstream->write(std::move(slice.pieces));
    if (unsent) co_return std::nullopt;
  }
  exchange.request_read = true;
  co_return std::nullopt;
}

/// Copies one direction of a tunnel until it ends.
Task<void> pump(Transport& from, Transport& to) {
  std::vector<char> buffer(config::limits::kTunnelBytes);
  for (;;) {
    const auto result = co_await from.read_some(asio::buffer(buffer));
    if (result.error) co_return;
    Gather piece;
    piece.push_back(asio::const_buffer(buffer.data(), result.bytes));
    const auto error = co_await to.write(std::move(piece));
    if (error) co_return;
  }
}

Task<void> pump_and_close(Transport& from, Transport& to) {
  co_await pump(from, to);
  from.close();
  to.close();
}

Task<bool> tunnel(Exchange& exchange) {
  using namespace asio::experimental::awaitable_operators;
  auto& client = exchange.client.transport;
  auto& upstream = *exchange.upstream;
  ClientHead head;
  head.request_id = exchange.id_text;
  head.upgrade = true;
  const auto text = make_client_head(head, exchange.answer->head());
  const auto first = exchange.answer->take_leftover(kBlockBytes);
  Gather out;
  out.push_back(as_buffer(text));
  out.push_back(as_buffer(first));
  client.expires_never();
  upstream.expires_never();
  const auto error = co_await client.write(std::move(out));
  if (error) co_return false;
  co_await (pump_and_close(client, upstream) && pump_and_close(upstream, client));
  co_return false;
}

std::string streamed_head(const Exchange& exchange) {
  const auto& reader = exchange.client.reader;
  auto head = upstream_head(exchange);
  head.content_length = reader.content_length();
  head.chunked = reader.chunked();
  head.upgrade = has_token(exchange.head().fields, "connection", "upgrade") &&
                 find_field(exchange.head().fields, "upgrade").has_value();
  return make_upstream_head(head, exchange.head().fields);
}

/// Sends the request, whatever its body, and reads the head of the answer.
Task<std::optional<Failure>> send(Exchange& exchange) {
  if (over_limit(exchange, exchange.client.reader.content_length().value_or(0))) {
    co_return body_too_large(exchange);
  }
  const auto head = streamed_head(exchange);
  std::optional<Failure> failure;
  if (exchange.request_read) {
    failure = co_await send_and_read_head(exchange, head, std::span<const std::string_view>());
    co_return failure;
  }
  failure = co_await take_connection(exchange);
  if (failure) co_return failure;
  Gather out;
  out.push_back(as_buffer(head));
  exchange.upstream->expires_after(exchange.settings().idle_timeout);
  co_await exchange.upstream->write(std::move(out));
  failure = co_await stream_body(exchange, exchange.client.reader.chunked());
  if (failure) co_return failure;
  failure = co_await read_answer_head(exchange);
  co_return failure;
}

}  // namespace

Task<bool> pass_through(Exchange& exchange) {
  auto& client = exchange.client.transport;
  const auto on_gone = [&exchange] {
    exchange.client_gone = true;
    if (exchange.upstream) exchange.upstream->close();
  };
  // While its body is read, the reads themselves notice that the client left.
  if (exchange.request_read) client.watch(on_gone);
  auto failure = co_await send(exchange);
  if (!failure && exchange.answer->head().status == 101) {
    client.stop_watching();
    const bool never = co_await tunnel(exchange);
    co_return never;
  }
  bool keep = false;
  if (failure) {
    client.stop_watching();
    if (!exchange.client_gone) keep = co_await refuse(exchange, *failure);
    co_return keep;
  }
  client.expires_never();
  if (exchange.request_read) client.watch(on_gone);
  const auto end = co_await relay(exchange, nullptr, std::function<void()>());
  client.stop_watching();
  if (end == RelayEnd::complete && !exchange.request_read) {
    client.expires_after(config::limits::kLingerTimeout);
    co_await client.linger();
  }
  co_return can_keep(exchange, end);
}

}  // namespace foreword::proxy
