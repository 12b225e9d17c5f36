#include "simulator/simulator.h"

#include <charconv>

namespace foreword::simulator {
namespace {

constexpr std::string_view kControl = "/simulator/";

Reply json_reply(unsigned status, const json::object& body) {
  Reply reply;
  reply.status = status;
  reply.body = json::serialize(body);
  return reply;
}

Reply control_error(unsigned status, std::string_view message) {
  return json_reply(status, {{"error", message}});
}

void add_retry_headers(const Faults& faults, Reply& reply) {
  const auto add = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) reply.headers.push_back({std::string(name), value});
  };
  add("retry-after", faults.retry_after);
  add("retry-after-ms", faults.retry_after_ms);
  add("x-should-retry", faults.should_retry);
}

void make_garbage(Reply& reply) {
  constexpr std::string_view kGarbage = "\x01\x02<garbage>}{][,,\xff\xfe not an answer\r\n\r\n";
  reply.body = kGarbage;
  reply.events = {{std::string(kGarbage), 0}, {std::string(kGarbage), 0}};
}

/// A stream that fails on the way: its first events, then the provider's error event.
void fail_stream(Dialect dialect, const Faults& faults, Reply& reply) {
  if (!reply.is_streamed || *faults.error_event_after >= reply.events.size()) return;
  reply.events.resize(*faults.error_event_after);
  const std::uint64_t generated = reply.events.empty() ? 0 : reply.events.back().output_tokens;
  const auto provider = provider_of(dialect);
  const unsigned overload = provider == config::Provider::anthropic ? 529 : 503;
  const ApiError error = failure_of(provider, faults.status.value_or(overload));
  reply.events.push_back({error_event(dialect, error), generated});
}

std::size_t limit_of(const Request& request) {
  constexpr std::size_t kAll = 1u << 30;
  const std::string_view given = request.query("limit");
  std::size_t limit = kAll;
  std::from_chars(given.data(), given.data() + given.size(), limit);
  return limit;
}

}  // namespace

Dialect recognise(const Request& request) {
  const std::string_view path = request.path();
  if (path.starts_with("/v1/messages")) return Dialect::anthropic;
  if (path.starts_with("/v1/responses")) return Dialect::openai_responses;
  if (path.starts_with("/v1/chat/") || path.starts_with("/v1/embeddings"))
    return Dialect::openai_chat;
  if (path.starts_with("/v1beta/")) return Dialect::gemini;
  // The methods of Gemini's models: a colon behind the model's name (fine-tunes of OpenAI have one
  // too).
  const auto verb = path.rfind(':');
  if (path.starts_with("/v1/models/") && verb != path.npos && request.method == "POST") {
    return Dialect::gemini;
  }
  if (!request.header("anthropic-version").empty() || !request.header("x-api-key").empty()) {
    return Dialect::anthropic;
  }
  if (!request.header("x-goog-api-key").empty() || !request.query("key").empty()) {
    return Dialect::gemini;
  }
  return Dialect::openai_chat;
}

Simulator::Simulator(const Options& options)
    : world_(options),
      anthropic_(world_),
      openai_(world_),
      gemini_(world_),
      log_(options.log_entries),
      start_faults_(parse_faults(options.faults).value()),
      faults_(start_faults_) {}

Exchange Simulator::answer(const Request& request) {
  Exchange exchange;
  const auto start = world_.clock.now();
  if (request.path().starts_with(kControl)) {
    exchange.reply = control(request);
    return exchange;
  }
  const auto faults = parse_faults(request.header("x-simulate"), take_faults());
  if (!faults) {
    exchange.reply = control_error(400, faults.error().message);
    return exchange;
  }
  const Dialect dialect = recognise(request);
  exchange.faults = *faults;
  const auto provider = provider_of(dialect);
  const auto& refused = faults->refuse;
  if (faults->status && !faults->error_event_after) {
    exchange.reply = failed_reply(failure_of(provider, *faults->status), provider);
  } else if (!refused.empty() && request.body.find(refused) != std::string::npos) {
    exchange.reply = failed_reply(unknown_member(provider, refused), provider);
  } else {
    exchange.reply = provider_reply(request, dialect);
    if (world_.options.first_byte_times && world_.clock.is_virtual()) {
      exchange.first_byte_at = start + time_to_first_byte(exchange.reply.uncached_tokens);
    }
  }
  Reply& reply = exchange.reply;
  if (faults->error_event_after) fail_stream(dialect, *faults, reply);
  if (faults->garbage) make_garbage(reply);
  add_retry_headers(*faults, reply);
  exchange.accepts_gzip = request.header("accept-encoding").find("gzip") != std::string_view::npos;
  exchange.log_id = log(request, dialect, reply);
  return exchange;
}

Exchange Simulator::refuse_size(const Request& request) {
  const Dialect dialect = recognise(request);
  Exchange exchange;
  const auto provider = provider_of(dialect);
  exchange.reply = failed_reply(failure_of(provider, 413), provider);
  exchange.log_id = log(request, dialect, exchange.reply);
  return exchange;
}

void Simulator::begin(const Exchange& exchange) {
  if (exchange.reply.on_first_byte) exchange.reply.on_first_byte();
  log_.begin(exchange.log_id, exchange.reply.usage);
}

void Simulator::end(const Exchange& exchange, Ending ending, std::uint64_t output_tokens) {
  log_.end(exchange.log_id, ending, output_tokens);
}

Reply Simulator::provider_reply(const Request& request, Dialect dialect) {
  switch (provider_of(dialect)) {
    case config::Provider::anthropic:
      return anthropic_.handle(request);
    case config::Provider::openai:
      return openai_.handle(request);
    default:
      return gemini_.handle(request);
  }
}

Reply Simulator::failed_reply(const ApiError& error, config::Provider provider) {
  const std::string id = world_.ids.next("req_", 20);
  Reply reply = refuse(provider, error, id);
  if (provider == config::Provider::anthropic) reply.headers.push_back({"request-id", id});
  if (provider == config::Provider::openai) reply.headers.push_back({"x-request-id", id});
  return reply;
}

Reply Simulator::control(const Request& request) {
  const std::string_view action = request.path().substr(kControl.size());
  if (request.method == "GET" && action == "requests") {
    return json_reply(200, log_.to_json(limit_of(request)));
  }
  if (request.method == "GET" && action == "clock") return clock_page();
  if (request.method != "POST") return control_error(404, "unknown path under /simulator/");
  if (action == "reset") {
    reset();
    return json_reply(200, {{"reset", true}});
  }
  const auto body = parse_json(request.body).value_or(json::object());
  if (action == "clock") return move_clock(body);
  if (action == "faults") {
    const auto faults = parse_faults(text_member(body, "faults"));
    if (!faults) return control_error(400, faults.error().message);
    const std::lock_guard lock(faults_mutex_);
    faults_ = *faults;
    return json_reply(200, {{"faults", text_member(body, "faults")}});
  }
  return control_error(404, "unknown path under /simulator/");
}

Reply Simulator::clock_page() {
  const auto held = first_bytes_.held();
  const auto now = world_.clock.now();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch());
  json::value next = nullptr;
  if (held.next) {
    const auto away = std::chrono::duration_cast<std::chrono::microseconds>(*held.next - now);
    next = (world_.clock.elapsed() + away).count();
  }
  return json_reply(200, {{"unix_seconds", seconds.count()},
                          {"elapsed_us", world_.clock.elapsed().count()},
                          {"held", held.count},
                          {"next_first_byte_us", next}});
}

Reply Simulator::move_clock(const json::value& body) {
  const auto seconds = number_member(body, "advance_seconds");
  const auto micros = number_member(body, "advance_us");
  if (seconds.has_value() == micros.has_value() || seconds.value_or(0) < 0 ||
      micros.value_or(0) < 0) {
    return control_error(400, "advance_seconds, or advance_us, must be a number >= 0");
  }
  if (!world_.clock.is_virtual()) {
    return control_error(409, "the clock is the machine's; start with --virtual-time to move it");
  }
  world_.clock.advance(std::chrono::seconds(seconds.value_or(0)) +
                       std::chrono::microseconds(micros.value_or(0)));
  return clock_page();
}

Faults Simulator::take_faults() {
  const std::lock_guard lock(faults_mutex_);
  if (!faults_.times) return faults_;
  if (*faults_.times == 0) return start_faults_.times ? Faults{} : start_faults_;
  --*faults_.times;
  return faults_;
}

std::uint64_t Simulator::log(const Request& request, Dialect dialect, const Reply& reply) {
  LogEntry entry;
  entry.at = world_.clock.now();
  entry.provider = config::name_of(provider_of(dialect));
  entry.method = request.method;
  entry.path = request.path();
  entry.model = reply.model;
  entry.body_bytes = request.body.size();
  entry.body_hash = config::xxh3_128(request.body);
  for (const auto& header : request.headers) entry.header_names.push_back(header.name);
  entry.retry_count = request.header("x-stainless-retry-count");
  entry.is_streamed = reply.is_streamed;
  entry.status = reply.status;
  entry.breakpoints = reply.breakpoints;
  return log_.add(std::move(entry));
}

void Simulator::reset() {
  anthropic_.reset();
  openai_.reset();
  gemini_.reset();
  log_.clear();
  const std::lock_guard lock(faults_mutex_);
  faults_ = start_faults_;
}

}  // namespace foreword::simulator
