#include "proxy/forward.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "config/limits.h"
#include "proxy/log.h"

namespace foreword::proxy {
namespace {

asio::const_buffer as_buffer(std::string_view bytes) {
  return asio::const_buffer(bytes.data(), bytes.size());
}

Gather gather(const std::string& head, std::span<const std::string_view> pieces) {
  Gather out;
  out.reserve(pieces.size() + 1);
  out.push_back(as_buffer(head));
  for (const auto piece : pieces) out.push_back(as_buffer(piece));
  return out;
}

Failure no_answer(const Exchange& exchange, ReadStatus status) {
  const auto& name = exchange.call.upstream->name;
  if (exchange.out_of_time) {
    return Failure(FailureCode::total_timeout,
                   fmt::format("upstream {} did not answer within proxy.total_timeout_ms = {}",
                               name, exchange.settings().total_timeout.count()));
  }
  switch (status) {
    case ReadStatus::timed_out:
      return Failure(FailureCode::upstream_timeout,
                     fmt::format("upstream {} sent no answer within proxy.first_byte_timeout_ms = "
                                 "{}",
                                 name, exchange.settings().first_byte_timeout.count()));
    case ReadStatus::malformed:
    case ReadStatus::too_large:
      return Failure(FailureCode::upstream_malformed,
                     fmt::format("upstream {} sent something that is not an HTTP/1 answer, or its "
                                 "head exceeds proxy.max_head_bytes",
                                 name));
    default:
      return Failure(FailureCode::upstream_closed,
                     fmt::format("upstream {} closed the connection before it answered", name));
  }
}

/// What fits the socket's buffer is sent at once: no need to look for an answer meanwhile.
constexpr std::size_t kLargeRequestBytes = 64u << 10;

/// RFC 9110 section 15.2: interim answers go on, but for the 100 that this proxy gives itself. A
/// client that is gone is noticed by others.
Task<void> pass_interim(Exchange& exchange) {
  const auto& interim = exchange.answer->head();
  if (interim.status == 100 || exchange.head().version < 11) co_return;
  const auto head = make_interim_head(interim);
  Gather out;
  out.push_back(as_buffer(head));
  exchange.client.transport.expires_after(exchange.settings().idle_timeout);
  co_await exchange.client.transport.write(std::move(out));
  exchange.client.transport.expires_never();
}

Task<void> send_all(Exchange& exchange, Gather request) {
  const auto unsent = co_await exchange.upstream->write(std::move(request));
  // A write can fail although an answer is already there: the read tells.
  if (!unsent) on_request_sent(exchange);
}

Task<void> await_answer(Exchange& exchange, std::optional<Failure>& failure) {
  failure = co_await read_answer_head(exchange);
  if (!exchange.request_sent) exchange.upstream->interrupt();  // the rest is not wanted any more
}

Task<std::optional<Failure>> send_and_await_answer(Exchange& exchange, Gather request) {
  exchange.request_sent = false;
  exchange.upstream->expires_after(exchange.settings().first_byte_timeout);
  std::optional<Failure> failure;
  const bool small = asio::buffer_size(request) <= kLargeRequestBytes;
  error_code unsent;
  const bool sent = exchange.upstream->write_now(request, unsent);
  if (!sent && !small) {
    Both both(send_all(exchange, std::move(request)), await_answer(exchange, failure));
    co_await both;
    co_return failure;
  }
  if (!sent) unsent = co_await exchange.upstream->write(std::move(request));
  // A write can fail although an answer is already there: the read tells.
  if (!unsent) on_request_sent(exchange);
  failure = co_await read_answer_head(exchange);
  co_return failure;
}

BodyFraming answer_framing(const Exchange& exchange, const HeldBody* held,
                           const AnswerMeter* meter) {
  const auto& answer = *exchange.answer;
  AnswerBody body;
  body.none = answer.done() && held == nullptr;
  body.chunked = answer.chunked();
  body.length = answer.content_length();
  body.edited = meter != nullptr && meter->edits();
  return framing_for_client(body, exchange.head().version);
}

/// Less than it is kept: a prompt that a client whose machine is busy sends at the announced end
/// must not meet the real one, since no SDK sends it again.
std::uint64_t keep_alive_seconds(const Exchange& exchange) {
  const auto kept = exchange.settings().keep_alive_timeout;
  const auto announced = kept - kept / config::limits::kKeepAliveMargin;
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::seconds>(announced).count());
}

/// How long an upstream that says so (Keep-Alive: timeout=5) can be trusted to keep the connection.
std::chrono::seconds idle_time_of(const Fields& fields) {
  auto time = config::limits::kUpstreamIdleTimeout;
  for_each_token(fields, FieldName::keep_alive, [&time](std::string_view parameter) {
    constexpr std::string_view kName = "timeout=";
    if (!starts_with_ignoring_case(parameter, kName)) return;
    const auto text = parameter.substr(kName.size());
    int seconds = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (failed != std::errc()) return;
    time = std::clamp(std::chrono::seconds(seconds - 1), std::chrono::seconds(0), time);
  });
  return time;
}

/// What an answer's head says of the connection it came on.
struct Reuse {
  explicit Reuse(const ResponseHead& head)
      : keep_alive(wants_keep_alive(head.version, head.fields)), idle(idle_time_of(head.fields)) {}
  bool keep_alive;
  std::chrono::seconds idle;
};

/// Ends the answer.
void release_upstream(Exchange& exchange, const Reuse& reuse, bool complete) {
  const auto& answer = *exchange.answer;
  const bool reusable = complete && reuse.keep_alive && exchange.request_sent && answer.done() &&
                        !answer.has_unread();
  exchange.answer.reset();
  if (reusable) {
    auto& pool = exchange.shard.pool_of(*exchange.call.upstream);
    pool.put_back(std::move(exchange.upstream), reuse.idle);
  } else {
    exchange.upstream->close();  // only closed: some of the request may still be on its way to it
  }
}

}  // namespace

UpstreamHead upstream_head(const Exchange& exchange) {
  const auto& call = exchange.call;
  UpstreamHead head;
  head.method = exchange.head().method;
  head.target = call.target;
  head.base_path = call.upstream->base_url.path;
  head.host = exchange.shard.pool_of(*call.upstream).upstream().host_field();
  return head;
}

std::optional<Failure> take_place(Exchange& exchange) {
  auto& upstream = exchange.shard.pool_of(*exchange.call.upstream).upstream();
  if (exchange.place.take(upstream)) return std::nullopt;
  const auto& settings = upstream.settings();
  return Failure(FailureCode::overloaded,
                 fmt::format("upstream {} has {} requests under way, its max_in_flight: retry",
                             settings.name, settings.max_in_flight));
}

bool awaits_invitation(const Exchange& exchange) {
  const auto& head = exchange.head();
  return head.version >= 11 && !exchange.request_read &&
         has_token(head.fields, FieldName::expect, "100-continue");
}

Task<bool> invite_body(Exchange& exchange) {
  static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  Gather go_on;
  go_on.push_back(asio::const_buffer(kContinue.data(), kContinue.size()));
  const auto error = co_await exchange.client.transport.write(std::move(go_on));
  co_return !error;
}

void watch_client(Exchange& exchange) {
  exchange.client.transport.watch([&exchange] { exchange.abandon(); });
}

void on_request_sent(Exchange& exchange) {
  exchange.request_sent = true;
  exchange.upstream->expires_after(exchange.settings().first_byte_timeout);
}

Task<std::optional<Failure>> take_connection(Exchange& exchange) {
  auto& pool = exchange.shard.pool_of(*exchange.call.upstream);
  exchange.upstream = pool.take_idle();
  if (exchange.upstream) co_return std::nullopt;
  auto failure = co_await pool.connect(exchange.upstream, exchange.client_gone);
  co_return failure;
}

Task<std::optional<Failure>> read_answer_head(Exchange& exchange) {
  exchange.answer.emplace(*exchange.upstream, exchange.shard.blocks(),
                          exchange.settings().max_head_bytes);
  const bool body_follows = exchange.head().method != "HEAD";
  std::size_t interim = 0;
  for (;;) {
    auto status = exchange.answer->head_now(body_follows);
    if (!status) status = co_await exchange.answer->rest_of_head();
    exchange.upstream_ended = *status == ReadStatus::closed;
    if (*status != ReadStatus::ok) co_return no_answer(exchange, *status);
    const auto& head = exchange.answer->head();
    if (refuse_response(head)) {
      co_return no_answer(exchange, ReadStatus::malformed);
    }
    if (head.status == 101 && !exchange.may_upgrade) {
      co_return no_answer(exchange, ReadStatus::malformed);
    }
    if (head.status >= 200 || head.status == 101) break;
    if (++interim > config::limits::kMaxInterimAnswers) {
      co_return no_answer(exchange, ReadStatus::malformed);
    }
    co_await pass_interim(exchange);
  }
  exchange.first_byte = exchange.elapsed();
  co_return std::nullopt;
}

Task<std::optional<Failure>> send_and_read_head(Exchange& exchange, const std::string& head,
                                                std::span<const std::string_view> pieces) {
  // Between an answer that was dropped and this.
  if (exchange.client_gone || exchange.out_of_time) co_return no_answer(exchange, ReadStatus::cut);
  auto& pool = exchange.shard.pool_of(*exchange.call.upstream);
  exchange.upstream = pool.take_idle();
  for (bool reused = exchange.upstream != nullptr;; reused = false) {
    if (!exchange.upstream) {
      auto unreachable = co_await pool.connect(exchange.upstream, exchange.client_gone);
      if (unreachable) co_return unreachable;
    }
    const auto before = exchange.upstream->sent_bytes();
    auto request = gather(head, pieces);
    auto failure = co_await send_and_await_answer(exchange, std::move(request));
    if (!failure) co_return std::nullopt;
    if (!reused || exchange.client_gone || exchange.out_of_time) co_return failure;
    if (failure->code != FailureCode::upstream_closed) co_return failure;
    // The end of a connection acknowledges all that came before it; a reset does not.
    if (!exchange.upstream_ended) co_return failure;
    const auto acknowledged = exchange.upstream->acknowledged_bytes();
    if (!acknowledged || *acknowledged > before + 1) co_return failure;
    log_info("upstream", "a pooled connection was closed before the request reached it");
    exchange.answer.reset();
    exchange.upstream.reset();
  }
}

Task<void> hold_body(Exchange& exchange, HeldBody& held) {
  auto& answer = *exchange.answer;
  while (held.status() == ReadStatus::ok && !held.full()) {
    exchange.upstream->expires_after(exchange.settings().idle_timeout);
    const auto status = co_await answer.read_body();
    held.add(answer.events(), status);
  }
  exchange.upstream->expires_never();
}

void drop_answer(Exchange& exchange) {
  const Reuse reuse(exchange.answer->head());
  release_upstream(exchange, reuse, exchange.answer->done());
}

Task<RelayEnd> relay(Exchange& exchange, const HeldBody* held, AnswerMeter* meter,
                     std::function<void()> on_piece) {
  auto& answer = *exchange.answer;
  const Reuse reuse(answer.head());
  ClientHead head;
  head.request_id = exchange.id_text;
  head.framing = answer_framing(exchange, held, meter);
  head.kb_refused = exchange.kb_refused;
  head.client_version = exchange.head().version;
  head.keep_alive = exchange.request_keeps_alive && exchange.request_read &&
                    head.framing != BodyFraming::until_close && !exchange.shard.draining();
  head.keep_alive_seconds = keep_alive_seconds(exchange);
  exchange.request_keeps_alive = head.keep_alive;

  RelayJob job;
  job.client = &exchange.client.transport;
  job.upstream = exchange.upstream.get();
  job.answer = &answer;
  job.held = held;
  job.meter = meter;
  job.client_gone = &exchange.client_gone;
  job.head = make_client_head(head, answer.head());
  job.framing = head.framing;
  job.idle_timeout = exchange.settings().idle_timeout;
  job.on_piece = std::move(on_piece);
  exchange.answered = true;
  const auto end = co_await relay_answer(job);
  // An answer that was cut must not look whole: no goodbye of TLS's; and where the client was told
  // to read to the connection's end, no orderly end of that either.
  if (end == RelayEnd::upstream_cut && head.keep_alive) exchange.client.transport.cut();
  if (end == RelayEnd::upstream_cut && !head.keep_alive) exchange.client.transport.reset();
  release_upstream(exchange, reuse, end == RelayEnd::complete);
  co_return end;
}

Task<bool> refuse(Exchange& exchange, const Failure& failure) {
  ++exchange.shard.services().counters.failures;
  auto& client = exchange.client.transport;
  const bool keep = exchange.request_keeps_alive && exchange.request_read && client.open();
  const auto provider =
      exchange.call.upstream ? exchange.call.upstream->provider : config::Provider::openai;
  FailureResponse form;
  form.provider = provider;
  form.request_id = exchange.id_text;
  form.keep_alive_seconds = keep ? keep_alive_seconds(exchange) : 0;
  form.with_body = exchange.head().method != "HEAD";
  const auto response = render_failure(failure, form);
  log_warning(name_of(failure.code), failure.message);
  Gather out;
  out.push_back(as_buffer(response));
  client.expires_after(exchange.settings().request_timeout);
  const auto error = co_await client.write(std::move(out));
  if (error || keep) co_return !error;
  client.expires_after(config::limits::kLingerTimeout);
  co_await client.linger();
  co_return false;
}

bool can_keep(const Exchange& exchange, RelayEnd end) {
  return end == RelayEnd::complete && exchange.request_keeps_alive && exchange.request_read &&
         !exchange.client_gone;
}

}  // namespace foreword::proxy
