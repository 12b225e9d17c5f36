#include <optional>

#include "fuzz/framing.h"
#include "proxy/body_framer.h"
#include "proxy/framing.h"
#include "proxy/recognise.h"

namespace foreword::fuzz {
namespace {

using namespace foreword::proxy;
using Buffer = MessageBuffer<true>;

constexpr std::string_view kUpstreamHost = "api.test";
constexpr std::string_view kBasePath = "/base";

/// One request, as the proxy understood it, and what it would send for it.
struct Request {
  std::string method;
  std::string target;  // without the proxy's own prefixes
  HttpVersion version = 0;
  std::vector<oracle::HttpField> fields;
  std::optional<std::uint64_t> length;
  bool chunked = false;
  bool upgrade = false;
  std::vector<std::string> chunks;
  std::string body;
  bool complete = false;
  std::string sent;         // body streamed, as it is where no prompt is edited
  std::string sent_prompt;  // the head where the body is another one of 7 bytes
};

struct Requests {
  std::vector<Request> passed;  // only the last one can be incomplete
  bool refused = false;         // what comes behind them
  bool not_for_us = false;      // likewise, but for a reason that framing has no part in
};

config::Settings settings() {
  config::Settings out;
  for (const auto provider :
       {config::Provider::anthropic, config::Provider::openai, config::Provider::gemini}) {
    config::UpstreamSettings upstream;
    upstream.name = config::name_of(provider);
    upstream.provider = provider;
    out.upstreams.push_back(upstream);
  }
  return out;
}

UpstreamHead upstream_head(const RequestHead& head, const Call& call) {
  UpstreamHead out;
  out.method = head.method;
  out.target = call.target;
  out.base_path = kBasePath;
  out.host = kUpstreamHost;
  return out;
}

Request understood(const Buffer& buffer, const Call& call) {
  const auto& head = buffer.head();
  Request request;
  request.method = head.method;
  request.target = call.target;
  request.version = head.version;
  request.fields = copy_of(head.fields);
  if (const auto length = buffer.content_length()) request.length = *length;
  request.chunked = buffer.chunked();
  request.upgrade = buffer.done() && has_token(head.fields, FieldName::connection, "upgrade") &&
                    find_field(head.fields, FieldName::upgrade);
  auto streamed = upstream_head(head, call);
  streamed.content_length = request.length;
  streamed.chunked = request.chunked;
  streamed.upgrade = request.upgrade;
  request.sent = make_upstream_head(streamed, head.fields);
  auto prompt = upstream_head(head, call);
  prompt.content_length = 7;
  prompt.narrow_accept_encoding = true;
  request.sent_prompt = make_upstream_head(prompt, head.fields);
  return request;
}

void take_events(const std::vector<BodyEvent>& events, Request& request) {
  for (const auto& event : events) {
    if (event.kind == BodyEvent::Kind::chunk_begin) request.chunks.emplace_back();
    if (event.kind == BodyEvent::Kind::data && request.chunked) request.chunks.back() += event.data;
    request.body += event.data;
  }
}

/// False: the coding of the body is wrong.
bool read_body(Buffer& buffer, Pieces& pieces, Request& request) {
  while (!request.complete) {
    const auto status = buffer.parse_body();
    if (!status) {
      if (!pieces.feed(buffer)) break;
      continue;
    }
    if (*status == ReadStatus::malformed) return false;
    request.complete = *status == ReadStatus::done;
    take_events(buffer.events(), request);
    RequestSlice slice;
    frame_request(buffer.events(), request.chunked, request.complete, slice);
    append(request.sent, slice.pieces);
  }
  return true;
}

Requests read_requests(std::string_view bytes, unsigned seed) {
  static const auto configured = settings();
  static BlockPool pool;
  Requests all;
  Pieces pieces(bytes, seed);
  Buffer buffer(pool, config::limits::kMaxHeadBytes);
  for (;;) {
    buffer.start_head(true);
    auto status = buffer.parse_head();
    while (!status && pieces.feed(buffer)) status = buffer.parse_head();
    if (!status) return all;
    const auto& head = buffer.head();
    all.refused = *status != ReadStatus::ok || refuse_request(head);
    if (all.refused) return all;
    Call call;
    all.not_for_us = recognise(head, configured, call).has_value();
    if (all.not_for_us) return all;
    auto request = understood(buffer, call);
    all.refused = !read_body(buffer, pieces, request);
    if (all.refused) return all;
    FUZZ_REQUIRE(copy_of(head.fields) == request.fields);  // the views outlived the body
    all.passed.push_back(std::move(request));
    if (!all.passed.back().complete) return all;
  }
}

bool same(const Request& a, const Request& b) {
  return a.method == b.method && a.target == b.target && a.version == b.version &&
         a.fields == b.fields && a.length == b.length && a.chunked == b.chunked &&
         a.upgrade == b.upgrade && a.chunks == b.chunks && a.body == b.body &&
         a.complete == b.complete && a.sent_prompt == b.sent_prompt;
}

/// The proxy and the grammar read the same.
void check_reading(const Request& request, const oracle::HttpReading& reading) {
  if (!request.complete && reading.verdict == oracle::Verdict::refused) return;
  FUZZ_REQUIRE(reading.verdict == oracle::Verdict::message);
  const auto& message = reading.message;
  FUZZ_REQUIRE(message.complete == request.complete);
  FUZZ_REQUIRE(message.method == request.method);
  FUZZ_REQUIRE(message.version == request.version);
  FUZZ_REQUIRE(message.fields == request.fields);
  FUZZ_REQUIRE((message.framing == oracle::Framing::chunked) == request.chunked);
  FUZZ_REQUIRE((message.framing == oracle::Framing::length) == request.length.has_value());
  FUZZ_REQUIRE(message.length == request.length.value_or(0));
  FUZZ_REQUIRE(message.chunks == request.chunks);
  FUZZ_REQUIRE(message.body == request.body);
}

void check_sent_head(const Request& request, const oracle::HttpMessage& sent) {
  FUZZ_REQUIRE(sent.method == request.method);
  FUZZ_REQUIRE(sent.target == std::string(kBasePath) + request.target);
  FUZZ_REQUIRE(sent.version == 11);
  FUZZ_REQUIRE(oracle::values_of(sent.fields, "host").front() == kUpstreamHost);
  const auto named = oracle::members_of(request.fields, "connection");
  const std::set<std::string> written = {"host", "content-length", "accept-encoding"};
  FUZZ_REQUIRE(passing(request.fields, named, written) == passing(sent.fields, {}, written));
  const auto of_the_hop = sent.fields.size() - passing(sent.fields, {}, {}).size();
  FUZZ_REQUIRE(of_the_hop == (request.chunked ? 1u : 0u) + (request.upgrade ? 2u : 0u));
}

/// What goes to the upstream is one request, and the same one.
void check_sent(const Request& request) {
  const auto streamed = oracle::read_request(request.sent);
  FUZZ_REQUIRE(streamed.verdict == oracle::Verdict::message);
  const auto& sent = streamed.message;
  FUZZ_REQUIRE(sent.complete == request.complete);
  FUZZ_REQUIRE(!sent.complete || sent.end == request.sent.size());
  FUZZ_REQUIRE(sent.body == request.body);
  FUZZ_REQUIRE((sent.framing == oracle::Framing::chunked) == request.chunked);
  FUZZ_REQUIRE(sent.length == request.length.value_or(0));
  check_sent_head(request, sent);
  FUZZ_REQUIRE(oracle::values_of(sent.fields, "accept-encoding").size() <=
               oracle::values_of(request.fields, "accept-encoding").size());

  const auto prompt = oracle::read_request(request.sent_prompt + "1234567");
  FUZZ_REQUIRE(prompt.verdict == oracle::Verdict::message);
  FUZZ_REQUIRE(prompt.message.complete && prompt.message.body == "1234567");
  FUZZ_REQUIRE(prompt.message.end == request.sent_prompt.size() + 7);
  for (const auto& coding : oracle::members_of(prompt.message.fields, "accept-encoding")) {
    FUZZ_REQUIRE(coding.starts_with("gzip") || coding.starts_with("deflate") ||
                 coding.starts_with("identity"));
  }
}

/// Nothing that is refused is a message by the grammar, unless it breaks one of our own rules: a
/// bound, a method that is for other proxies, a Connection or trailers that are no lists of names.
void check_refused(std::string_view bytes) {
  const auto reading = oracle::read_request(bytes);
  if (reading.verdict != oracle::Verdict::message || !reading.message.complete) return;
  const auto& message = reading.message;
  const bool too_large = message.end - message.body.size() > config::limits::kLeastMaxHeadBytes ||
                         message.fields.size() > config::limits::kMaxHeaderFields;
  const bool other_proxy = message.method == "CONNECT" || message.method == "TRACE";
  const bool connection = !oracle::values_of(message.fields, "connection").empty() ||
                          !oracle::values_of(message.fields, "proxy-connection").empty();
  FUZZ_REQUIRE(too_large || other_proxy || connection || !message.trailers.empty());
}

}  // namespace

void check_requests(std::string_view bytes, unsigned seed) {
  const auto whole = read_requests(bytes, 0);
  const auto cut = read_requests(bytes, seed + 1);
  FUZZ_REQUIRE(whole.refused == cut.refused && whole.not_for_us == cut.not_for_us);
  FUZZ_REQUIRE(std::ranges::equal(whole.passed, cut.passed, same));
  for (const auto& request : cut.passed) check_sent(request);

  std::size_t at = 0;
  for (const auto& request : whole.passed) {
    const auto reading = oracle::read_request(bytes.substr(at));
    check_reading(request, reading);
    check_sent(request);
    at += reading.message.end;
  }
  if (whole.refused) check_refused(bytes.substr(at));
}

}  // namespace foreword::fuzz
