#include "proxy/own_request.h"

#include <algorithm>
#include <charconv>
#include <exception>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "config/limits.h"
#include "proxy/framing.h"
#include "proxy/message_reader.h"
#include "proxy/upstream_pool.h"

namespace foreword::proxy {
namespace {

/// RFC 9110 allows a date too, which nobody sends with a 429 or 503 of an API.
std::chrono::seconds retry_after(const ResponseHead& head) {
  const auto text = find_field(head.fields, FieldName::retry_after).value_or("");
  std::uint32_t seconds = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  return std::chrono::seconds(failed == std::errc() ? seconds : 0);
}

}  // namespace

/// One request under way. Its parts are destroyed from the last to the first.
struct OwnRequests::Call {
  Call(Upstream& to, const config::ProxySettings& s, const OwnRequest& request)
      : settings(s),
        meter(request.meter),
        first_byte_timeout(request.first_byte_timeout.value_or(s.first_byte_timeout)),
        too_late(request.first_byte_timeout ? "it did not answer in time"
                                            : "no answer within proxy.first_byte_timeout_ms"),
        pool(context, deadlines, blocks, to, s) {}

  Task<void> run(Gather request);
  Task<std::optional<std::string_view>> read_head();
  Task<std::optional<std::string_view>> read_body();
  [[nodiscard]] config::Error failure(std::string_view why) const {
    return config::Error{fmt::format("upstream {}: {}", pool.upstream().settings().name, why)};
  }
  /// On this call's own thread.
  void give_up() {
    unwanted = true;
    if (connection) connection->close();
  }

  const config::ProxySettings& settings;
  AnswerMeter* meter;
  const std::chrono::milliseconds first_byte_timeout;
  const std::string_view too_late;
  BlockPool blocks;
  asio::io_context context{1};
  Deadlines deadlines{context};
  UpstreamPool pool;
  std::unique_ptr<Transport> connection;
  std::optional<ResponseReader> reader;
  bool unwanted = false;
  OwnAnswer answer;
  config::Result<void> outcome;
};

Task<std::optional<std::string_view>> OwnRequests::Call::read_head() {
  reader.emplace(*connection, blocks, settings.max_head_bytes);
  for (std::size_t interim = 0; interim <= config::limits::kMaxInterimAnswers; ++interim) {
    auto read = reader->head_now(true);
    if (!read) read = co_await reader->rest_of_head();
    const auto status = *read;
    if (status == ReadStatus::timed_out) co_return too_late;
    if (status == ReadStatus::closed) co_return "it closed the connection before it answered";
    if (status != ReadStatus::ok) break;
    if (refuse_response(reader->head())) break;
    if (reader->head().status >= 200) co_return std::nullopt;
  }
  co_return "what it sent is not an HTTP/1 answer";
}

Task<std::optional<std::string_view>> OwnRequests::Call::read_body() {
  auto status = reader->done() ? ReadStatus::done : ReadStatus::ok;
  while (status == ReadStatus::ok) {
    connection->expires_after(settings.idle_timeout);
    status = co_await reader->read_body();
    for (const auto& event : reader->events()) {
      if (event.kind != BodyEvent::Kind::data) continue;
      if (meter != nullptr) meter->feed(event.data);
      answer.body += event.data;
    }
    if (answer.body.size() > config::limits::kMaxOwnAnswerBytes) {
      co_return "its answer is too long";
    }
  }
  if (status != ReadStatus::done) co_return "its answer broke off";
  co_return std::nullopt;
}

Task<void> OwnRequests::Call::run(Gather request) {
  const auto unreachable = co_await pool.connect(connection, unwanted);
  if (unreachable) {
    outcome = config::Error{unreachable->message};
    co_return;
  }
  connection->expires_after(first_byte_timeout);
  // A write can fail although an answer is already there: the read tells.
  co_await connection->write(std::move(request));
  auto failed = co_await read_head();
  if (!failed) {
    answer.status = reader->head().status;
    answer.retry_after = retry_after(reader->head());
    if (meter != nullptr) meter->on_head(reader->head());
    failed = co_await read_body();
    if (meter != nullptr) meter->finish();
  }
  if (failed) outcome = failure(*failed);
}

namespace {

/// How each provider wants to be shown a key. `bearer` lives as long as the fields.
Fields fields_for(config::Provider provider, const std::string& key, const std::string& bearer) {
  Fields fields{{"content-type", "application/json"}, {"accept-encoding", "identity"}};
  switch (provider) {
    case config::Provider::anthropic:
      fields.push_back({"anthropic-version", "2023-06-01"});
      fields.push_back({"x-api-key", key});
      break;
    case config::Provider::openai:
      fields.push_back({"authorization", bearer});
      break;
    case config::Provider::gemini:
      fields.push_back({"x-goog-api-key", key});
      break;
  }
  return fields;
}

std::string head_of(const Upstream& upstream, const OwnRequest& request, const std::string& key) {
  UpstreamHead head;
  head.method = "POST";
  head.target = request.target;
  head.base_path = upstream.settings().base_url.path;
  head.host = upstream.host_field();
  std::size_t length = 0;
  for (const auto piece : request.body) length += piece.size();
  head.content_length = length;
  if (request.fields != nullptr) return make_upstream_head(head, *request.fields);
  const auto bearer = "Bearer " + key;
  return make_upstream_head(head, fields_for(upstream.settings().provider, key, bearer));
}

Gather gather(const std::string& head, std::span<const std::string_view> body) {
  Gather pieces;
  pieces.emplace_back(head.data(), head.size());
  for (const auto piece : body) pieces.emplace_back(piece.data(), piece.size());
  return pieces;
}

}  // namespace

OwnRequests::OwnRequests(const config::Settings& settings,
                         const std::vector<std::unique_ptr<Upstream>>& upstreams,
                         std::map<std::string, std::string, std::less<>> keys)
    : settings_(settings), upstreams_(upstreams), keys_(std::move(keys)) {}

config::Result<OwnAnswer> OwnRequests::send(const OwnRequest& request) {
  const auto upstream = std::ranges::find_if(
      upstreams_, [&](const auto& each) { return each->settings().name == request.upstream; });
  if (upstream == upstreams_.end() || !can_ask(request.upstream)) {
    return config::Error{fmt::format("there is no upstream {} with a key", request.upstream)};
  }
  const auto head = head_of(**upstream, request, keys_.find(request.upstream)->second);
  Call call(**upstream, settings_.proxy, request);
  {
    const std::lock_guard lock(mutex_);
    if (stopped_) return call.failure("foreword is stopping");
    under_way_.insert(&call);
  }
  const auto on_end = [&call](std::exception_ptr error) {
    if (error) call.outcome = call.failure("the request failed inside foreword");
    call.deadlines.stop();
  };
  spawn(call.context.get_executor(), call.deadlines.run(), [](std::exception_ptr) {});
  spawn(call.context.get_executor(), call.run(gather(head, request.body)), on_end);
  call.context.run();
  {
    const std::lock_guard lock(mutex_);
    under_way_.erase(&call);
    if (call.unwanted) return call.failure("foreword is stopping");
  }
  if (!call.outcome) return call.outcome.error();
  return std::move(call.answer);
}

void OwnRequests::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  for (auto* call : under_way_) asio::post(call->context, [call] { call->give_up(); });
}

}  // namespace foreword::proxy
