#include "proxy/pass_through.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "config/limits.h"
#include "proxy/body_framer.h"
#include "proxy/forward.h"

namespace foreword::proxy {
namespace {

asio::const_buffer as_buffer(std::string_view bytes) {
  return asio::const_buffer(bytes.data(), bytes.size());
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

/// A request whose body is streamed and its answer, each on its own way: an upstream may answer
/// before it has read everything.
struct Upload {
  std::optional<Failure> failure;  // of the request; the answer then ends early
  bool answered = false;           // to the answer's last byte
  bool keep = false;
};

std::optional<Failure> body_failure(Exchange& exchange, ReadStatus status) {
  switch (status) {
    case ReadStatus::ok:
    case ReadStatus::done:
      return std::nullopt;
    case ReadStatus::malformed:
      return Failure(FailureCode::bad_request, "the request's body is not valid chunked coding");
    case ReadStatus::timed_out:
      return Failure(FailureCode::request_timeout, "the request's body did not arrive in time");
    default:
      exchange.client_gone = true;
      return Failure(FailureCode::bad_request, "the client left in the middle of its request");
  }
}

/// A slice to the upstream. False: it takes no more, or has answered (413, say) already; what is
/// left then stays unread.
Task<bool> send_slice(Exchange& exchange, const Upload& upload, Gather pieces) {
  exchange.upstream->expires_after(exchange.settings().idle_timeout);
  error_code unsent;
  if (!exchange.upstream->write_now(pieces, unsent)) {
    unsent = co_await exchange.upstream->write(std::move(pieces));
  }
  co_return !unsent && !upload.answered;
}

/// The head goes out at once, with what is here of the body.
Gather first_slice(std::string_view head) {
  Gather pieces;
  pieces.push_back(as_buffer(head));
  return pieces;
}

/// A body whose end has to be looked for goes through the parser.
Task<std::optional<Failure>> stream_parsed(Exchange& exchange, const Upload& upload, Gather first) {
  auto& reader = exchange.client.reader;
  auto status = ReadStatus::ok;
  std::uint64_t total = 0;
  RequestSlice slice;
  slice.pieces = std::move(first);
  if (!reader.has_unread()) {
    const bool sent = co_await send_slice(exchange, upload, std::exchange(slice.pieces, Gather()));
    if (!sent) co_return std::nullopt;
  }
  while (status == ReadStatus::ok) {
    exchange.client.transport.expires_after(exchange.settings().request_timeout);
    status = co_await reader.read_body();
    if (upload.answered) co_return std::nullopt;
    if (auto failure = body_failure(exchange, status)) co_return failure;
    frame_request(reader.events(), reader.chunked(), status == ReadStatus::done, slice);
    total += slice.bytes;
    if (over_limit(exchange, total)) co_return body_too_large(exchange);
    const bool sent = co_await send_slice(exchange, upload, std::move(slice.pieces));
    if (!sent) co_return std::nullopt;
    slice = RequestSlice();
  }
  exchange.request_read = true;
  co_return std::nullopt;
}

/// As much of the body as is here, at most `most` bytes; no block is held while none comes.
Task<IoResult> read_into(Exchange& exchange, BlockPool::Block& block, std::uint64_t most) {
  auto& transport = exchange.client.transport;
  if (!block) block = exchange.shard.blocks().take_large();
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(most, block.size()));
  auto result = co_await transport.read_soon(asio::mutable_buffer(block.data(), size));
  if (result.error != asio::error::would_block) co_return result;
  block.release();
  result.error = co_await transport.wait_readable();
  if (result.error) co_return result;
  block = exchange.shard.blocks().take_large();
  result = co_await transport.read_some(asio::mutable_buffer(block.data(), size));
  co_return result;
}

/// A body of known length is not looked at: large pieces, and no parser.
Task<std::optional<Failure>> stream_counted(Exchange& exchange, const Upload& upload,
                                            Gather slice) {
  auto& transport = exchange.client.transport;
  auto left = *exchange.client.reader.content_length();
  const auto early = exchange.client.reader.take_leftover(left);
  left -= early.size();
  slice.push_back(as_buffer(early));
  BlockPool::Block block;
  for (;;) {
    const bool sent = co_await send_slice(exchange, upload, std::move(slice));
    if (!sent) co_return std::nullopt;
    if (left == 0) break;
    transport.expires_after(exchange.settings().request_timeout);
    const auto result = co_await read_into(exchange, block, left);
    if (upload.answered) co_return std::nullopt;
    if (result.error) {
      co_return body_failure(exchange,
                             transport.timed_out() ? ReadStatus::timed_out : ReadStatus::cut);
    }
    left -= result.bytes;
    slice = Gather();
    slice.push_back(asio::const_buffer(block.data(), result.bytes));
  }
  exchange.request_read = true;
  co_return std::nullopt;
}

/// Sends the request on as it comes.
Task<void> send_upload(Exchange& exchange, const std::string& head, Upload& upload) {
  const bool counted = exchange.client.reader.content_length().has_value();
  auto first = first_slice(head);
  std::optional<Failure> failure;
  if (counted) {
    failure = co_await stream_counted(exchange, upload, std::move(first));
  } else {
    failure = co_await stream_parsed(exchange, upload, std::move(first));
  }
  if (failure) {
    upload.failure = std::move(failure);
    exchange.upstream->close();
  } else if (exchange.request_read) {
    on_request_sent(exchange);
    exchange.client.transport.expires_never();
    watch_client(exchange);
  }
}

/// Leaves `upload.failure` alone where the request's side has already said what went wrong.
Task<void> answer_upload(Exchange& exchange, Upload& upload) {
  auto failure = co_await read_answer_head(exchange);
  if (failure) {
    if (!upload.failure) upload.failure = std::move(failure);
  } else {
    const auto end = co_await relay(exchange, nullptr, nullptr, std::function<void()>());
    upload.keep = can_keep(exchange, end);
  }
  upload.answered = true;
  if (exchange.request_read) co_return;
  exchange.client.transport.interrupt();
  if (exchange.upstream) exchange.upstream->interrupt();
}

/// Copies one direction of a tunnel until it ends, or until neither direction has moved for long.
Task<void> pump(Exchange& exchange, Transport& from, Transport& to) {
  std::vector<char> buffer(config::limits::kTunnelBytes);
  for (;;) {
    from.expires_after(exchange.settings().idle_timeout);
    to.expires_after(exchange.settings().idle_timeout);
    const auto result = co_await from.read_some(asio::buffer(buffer));
    if (result.error) break;
    Gather piece;
    piece.push_back(asio::const_buffer(buffer.data(), result.bytes));
    const auto error = co_await to.write(std::move(piece));
    if (error) break;
  }
  from.close();
  to.close();
}

Task<bool> tunnel(Exchange& exchange) {
  auto& client = exchange.client.transport;
  auto& upstream = *exchange.upstream;
  ClientHead head;
  head.request_id = exchange.id_text;
  head.upgrade = true;
  const auto text = make_client_head(head, exchange.answer->head());
  const auto first = exchange.answer->take_leftover(kBlockBytes);
  const auto early = exchange.client.reader.take_leftover(kBlockBytes);
  Gather out;
  out.push_back(as_buffer(text));
  out.push_back(as_buffer(first));
  exchange.expires_never();  // a tunnel may stand for days
  client.expires_after(exchange.settings().idle_timeout);
  auto error = co_await client.write(std::move(out));
  if (error) co_return false;
  Gather sent_early;
  sent_early.push_back(as_buffer(early));
  error = co_await upstream.write(std::move(sent_early));
  if (error) co_return false;
  Both both(pump(exchange, client, upstream), pump(exchange, upstream, client));
  co_await both;
  co_return false;
}

std::string streamed_head(const Exchange& exchange) {
  const auto& reader = exchange.client.reader;
  auto head = upstream_head(exchange);
  head.content_length = reader.content_length();
  head.chunked = reader.chunked();
  head.upgrade = exchange.may_upgrade;
  return make_upstream_head(head, exchange.head().fields);
}

/// The body comes in pieces: they go on as they come, and so does the answer.
Task<bool> pass_upload(Exchange& exchange) {
  auto& client = exchange.client.transport;
  const auto head = streamed_head(exchange);
  Upload upload;
  upload.failure = co_await take_connection(exchange);
  if (!upload.failure) {
    if (awaits_invitation(exchange)) {
      const bool invited = co_await invite_body(exchange);
      exchange.client_gone = !invited;
      if (!invited) co_return false;
    }
    exchange.request_sent = false;
    exchange.upstream->expires_after(exchange.settings().first_byte_timeout);
    Both both(send_upload(exchange, head, upload), answer_upload(exchange, upload));
    co_await both;
  }
  client.stop_watching();
  const bool head_went_out = upload.answered && exchange.answered;
  if (upload.failure && !head_went_out && !exchange.client_gone) {
    upload.keep = co_await refuse(exchange, *upload.failure);
  } else if (!exchange.request_read && !exchange.client_gone) {
    client.expires_after(config::limits::kLingerTimeout);
    co_await client.linger();
  }
  co_return upload.keep;
}

/// The request is here to its last byte: nothing but the answer is left to wait for.
Task<bool> pass_whole(Exchange& exchange, std::string_view body) {
  auto& client = exchange.client.transport;
  const auto& fields = exchange.head().fields;
  // Any other protocol (HTTP/2, say) would carry requests past everything that this proxy does.
  exchange.may_upgrade = has_token(fields, FieldName::connection, "upgrade") &&
                         has_token(fields, FieldName::upgrade, "websocket");
  const auto head = streamed_head(exchange);
  watch_client(exchange);
  const auto failure = co_await send_and_read_head(exchange, head, std::span(&body, 1));
  bool keep = false;
  if (failure) {
    client.stop_watching();
    if (!exchange.client_gone) keep = co_await refuse(exchange, *failure);
    co_return keep;
  }
  if (exchange.answer->head().status == 101) {
    client.stop_watching();
    keep = co_await tunnel(exchange);
    co_return keep;
  }
  exchange.client.reader.drop_head();  // all of the request has been sent
  const auto end = co_await relay(exchange, nullptr, nullptr, std::function<void()>());
  client.stop_watching();
  co_return can_keep(exchange, end);
}

}  // namespace

Task<bool> pass_through(Exchange& exchange) {
  auto failure = take_place(exchange);
  if (!failure && over_limit(exchange, exchange.client.reader.content_length().value_or(0))) {
    failure = body_too_large(exchange);
  }
  auto& reader = exchange.client.reader;
  bool keep = false;
  if (failure) {
    keep = co_await refuse(exchange, *failure);
  } else if (exchange.request_read || reader.body_is_here()) {
    const auto body = reader.take_leftover(reader.content_length().value_or(0));
    exchange.request_read = true;
    exchange.client.transport.expires_never();
    keep = co_await pass_whole(exchange, body);
  } else {
    keep = co_await pass_upload(exchange);
  }
  co_return keep;
}

}  // namespace foreword::proxy
