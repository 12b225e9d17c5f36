#include "proxy/prompt_body.h"

#include <algorithm>

#include <fmt/format.h>

#include "config/limits.h"
#include "proxy/forward.h"

namespace foreword::proxy {
namespace {

Failure body_too_large(const Exchange& exchange) {
  return Failure(FailureCode::body_too_large,
                 fmt::format("the request's body exceeds proxy.max_body_bytes = {}",
                             exchange.settings().max_body_bytes));
}

Failure too_much_buffered(const Exchange& exchange) {
  return Failure(FailureCode::overloaded,
                 fmt::format("the prompts under way hold proxy.max_buffered_bytes = {}: retry",
                             exchange.settings().max_buffered_bytes));
}

}  // namespace

PromptBody::PromptBody(const Exchange& exchange)
    : bytes(exchange.shard.bodies()),
      charge(exchange.shard.services().counters.buffered_bytes,
             exchange.settings().max_buffered_bytes) {}

Failure request_cut(ReadStatus status) {
  if (status == ReadStatus::malformed) {
    return Failure(FailureCode::bad_request, "the request's body is not valid chunked coding");
  }
  return Failure(FailureCode::request_timeout, "the request's body did not arrive in time");
}

std::optional<Failure> take_body(Exchange& exchange, PromptBody& prompt) {
  auto& reader = exchange.client.reader;
  if (!reader.body_is_here()) return std::nullopt;
  const auto length = static_cast<std::size_t>(*reader.content_length());
  if (length > exchange.settings().max_body_bytes) return body_too_large(exchange);
  prompt.bytes.append(reader.take_leftover(length));
  if (!prompt.charge.grow_to(length)) return too_much_buffered(exchange);
  exchange.request_read = true;
  return std::nullopt;
}

Task<std::optional<Failure>> read_body(Exchange& exchange, PromptBody& prompt,
                                       assembler::Scanner& scanner) {
  auto& body = prompt.bytes;
  auto& reader = exchange.client.reader;
  auto& transport = exchange.client.transport;
  const auto most = exchange.settings().max_body_bytes;
  const auto length = reader.content_length();
  if (length.value_or(0) > most) co_return body_too_large(exchange);
  if (awaits_invitation(exchange)) {
    const bool invited = co_await invite_body(exchange);
    exchange.client_gone = !invited;
    if (!invited) co_return request_cut(ReadStatus::cut);
  }
  if (length) {
    body.reserve(*length);
    body.append(reader.take_leftover(*length));
    if (!prompt.charge.grow_to(body.size())) co_return too_much_buffered(exchange);
    while (body.size() < *length) {
      transport.expires_after(exchange.settings().request_timeout);
      const auto step = std::min(*length - body.size(), config::limits::kReceiveBytes);
      const asio::mutable_buffer room(body.end(), step);
      const auto result = co_await transport.read_some(room);
      body.commit(result.bytes);
      if (!prompt.charge.grow_to(body.size())) co_return too_much_buffered(exchange);
      scanner.feed(body.view());
      if (!result.error) continue;
      exchange.client_gone = !transport.timed_out();
      co_return request_cut(ReadStatus::timed_out);
    }
  } else {
    for (auto status = reader.done() ? ReadStatus::done : ReadStatus::ok;
         status != ReadStatus::done;) {
      transport.expires_after(exchange.settings().request_timeout);
      status = co_await reader.read_body();
      for (const auto& event : reader.events()) body.append(event.data);
      if (body.size() > most) co_return body_too_large(exchange);
      if (!prompt.charge.grow_to(body.size())) co_return too_much_buffered(exchange);
      scanner.feed(body.view());
      if (status == ReadStatus::ok || status == ReadStatus::done) continue;
      exchange.client_gone = status == ReadStatus::cut;
      co_return request_cut(status);
    }
  }
  exchange.request_read = true;
  co_return std::nullopt;
}

}  // namespace foreword::proxy
