#include "proxy/traces.h"

#include <algorithm>
#include <chrono>
#include <iterator>

#include <boost/json.hpp>
#include <boost/url.hpp>
#include <fmt/format.h>

#include "config/limits.h"
#include "proxy/exchange.h"
#include "proxy/log.h"
#include "proxy/row.h"

namespace foreword::proxy {
namespace {

namespace limits = config::limits;
namespace json = boost::json;
using namespace std::chrono_literals;
using Headers = std::vector<std::pair<std::string, std::string>>;

/// Its name in errors.
constexpr const char* kCollector = "otlp";
constexpr auto kLook = 100ms;
/// A batch that is not full is sent after so many looks.
constexpr int kLooksForSome = 10;

/// RFC 9110's token.
bool is_token(std::string_view text) {
  constexpr std::string_view kSigns = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kSigns.find(c) != std::string_view::npos;
  });
}

bool is_printable(std::string_view text) {
  return std::ranges::none_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

std::optional<std::string> unescaped(std::string_view text) {
  const auto made = boost::urls::make_pct_string_view(text);
  if (!made) return std::nullopt;
  std::string out;
  made->decode({}, boost::urls::string_token::assign_to(out));
  return out;
}

config::UpstreamSettings collector_settings(const config::OtlpSettings& settings) {
  config::UpstreamSettings collector;
  collector.name = kCollector;
  collector.base_url = *settings.endpoint;
  collector.base_url.path.clear();
  collector.ca_file = settings.ca_file;
  return collector;
}

config::Settings with_timeouts(std::chrono::milliseconds timeout) {
  config::Settings settings;
  settings.proxy.connect_timeout = timeout;
  settings.proxy.first_byte_timeout = timeout;
  settings.proxy.idle_timeout = timeout;
  return settings;
}

/// The specification's retryable statuses; all others are for good.
bool is_worth_another(unsigned status) {
  return status == 429 || status == 502 || status == 503 || status == 504;
}

/// How many of them a collector that says 200 took all the same not.
std::uint64_t rejected_spans(const std::string& body) {
  boost::system::error_code error;
  const auto answer = json::parse(body, error);
  if (error || !answer.is_object()) return 0;
  const auto* partial = answer.get_object().if_contains("partialSuccess");
  const auto* rejected = partial != nullptr && partial->is_object()
                             ? partial->get_object().if_contains("rejectedSpans")
                             : nullptr;
  if (rejected == nullptr) return 0;
  if (const auto* text = rejected->if_string()) return std::strtoull(text->c_str(), nullptr, 10);
  const auto number = rejected->to_number<std::uint64_t>(error);
  return error ? 0 : number;
}

/// The collector's wish, or twice as long as before.
std::chrono::milliseconds pause_before(int attempt, std::chrono::seconds asked) {
  const auto own = config::limits::kOtlpFirstPause * (1 << (attempt - 1));
  return std::min<std::chrono::milliseconds>(asked.count() > 0 ? asked : own,
                                             config::limits::kOtlpLongestPause);
}

}  // namespace

config::Result<Headers> parse_otlp_headers(std::string_view text) {
  Headers headers;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    const auto member = trim(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
    if (member.empty()) continue;
    const auto equals = std::min(member.find('='), member.size());
    const auto name = trim(member.substr(0, equals));
    const auto value = equals < member.size() ? unescaped(trim(member.substr(equals + 1)))
                                              : std::optional<std::string>();
    if (!is_token(name) || !value || !is_printable(*value)) {
      return config::Error{
          "the variable that otlp.headers_env names has to hold name=value,name=value, with % "
          "escapes in the values"};
    }
    headers.emplace_back(name, *value);
  }
  return headers;
}

config::Result<std::unique_ptr<Traces>> Traces::make(const config::OtlpSettings& settings,
                                                     std::string_view headers) {
  auto parsed = parse_otlp_headers(headers);
  if (!parsed) return parsed.error();
  auto collector = Upstream::make(collector_settings(settings));
  if (!collector) return collector.error();
  return std::unique_ptr<Traces>(new Traces(settings, std::move(*parsed), std::move(*collector)));
}

Traces::Traces(const config::OtlpSettings& settings, Headers headers,
               std::unique_ptr<Upstream> collector)
    : settings_(settings),
      headers_(std::move(headers)),
      target_(settings.endpoint->path.empty() ? "/v1/traces" : settings.endpoint->path),
      timeouts_(with_timeouts(settings.timeout)),
      resolver_({collector->addresses()}),
      requests_(timeouts_, collector_, {{kCollector, ""}}) {
  collector_.push_back(std::move(collector));
  exporter_.emplace([this](Background& self) { run(self); });
}

void Traces::add(RequestSpan span) {
  const std::lock_guard lock(mutex_);
  if (queue_.size() >= limits::kMaxQueuedSpans) {
    ++counts_.dropped;
    return;
  }
  queue_.push_back(std::move(span));
}

TraceCounts Traces::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

void Traces::count(std::uint64_t TraceCounts::*what, std::uint64_t spans) {
  const std::lock_guard lock(mutex_);
  counts_.*what += spans;
}

bool Traces::has_batch() const {
  const std::lock_guard lock(mutex_);
  return queue_.size() >= limits::kOtlpBatchSpans;
}

/// The oldest, at most a batch.
std::vector<RequestSpan> Traces::take() {
  std::vector<RequestSpan> spans;
  const std::lock_guard lock(mutex_);
  const auto count = std::min(queue_.size(), limits::kOtlpBatchSpans);
  const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(count);
  spans.assign(std::make_move_iterator(queue_.begin()), std::make_move_iterator(end));
  queue_.erase(queue_.begin(), end);
  return spans;
}

void Traces::run(Background& self) {
  for (int looks = 1; self.pause(kLook); ++looks) {
    if (looks < kLooksForSome && !has_batch()) continue;
    // What waits may wait where the collector fails, and the end does not wait for all of it.
    while (export_batch(self) && !failing_ && self.pause(0ms)) {
    }
    looks = 0;
  }
  const auto end = SteadyClock::now() + settings_.timeout;
  while (!failing_ && SteadyClock::now() < end && export_batch(self)) {
  }
}

bool Traces::export_batch(Background& self) {
  const auto spans = take();
  if (!spans.empty()) deliver(self, spans);
  return !spans.empty();
}

void Traces::deliver(Background& self, const std::vector<RequestSpan>& spans) {
  const auto body = otlp_export(spans, settings_.service_name);
  const std::vector<std::string_view> pieces{body};
  Fields fields{{"content-type", "application/json"}, {"accept-encoding", "identity"}};
  for (const auto& [name, value] : headers_) fields.push_back({name, value});
  OwnRequest request;
  request.upstream = kCollector;
  request.target = target_;
  request.body = pieces;
  request.fields = &fields;
  std::string trouble;
  for (int attempt = 1;; ++attempt) {
    const auto answer = requests_.send(request);
    if (answer && answer->status >= 200 && answer->status < 300) {
      const auto rejected = std::min<std::uint64_t>(rejected_spans(answer->body), spans.size());
      count(&TraceCounts::refused, rejected);
      count(&TraceCounts::exported, spans.size() - rejected);
      return tell("");
    }
    if (answer && !is_worth_another(answer->status)) {
      count(&TraceCounts::refused, spans.size());
      return tell(fmt::format("the collector refuses spans with status {}", answer->status));
    }
    trouble = answer ? fmt::format("the collector answers with status {}", answer->status)
                     : answer.error().message;
    const auto asked = answer ? answer->retry_after : std::chrono::seconds(0);
    if (attempt == config::limits::kOtlpAttempts || !self.pause(pause_before(attempt, asked)))
      break;
  }
  count(&TraceCounts::undelivered, spans.size());
  tell(trouble);
}

/// Once when it begins to fail, once when it works again.
void Traces::tell(std::string_view trouble) {
  const bool fails = !trouble.empty();
  if (std::exchange(failing_, fails) == fails) return;
  if (fails) {
    log_warning("otlp",
                fmt::format("{}: spans are lost until it takes them, and counted", trouble));
  } else {
    log_info("otlp", "the collector takes spans again");
  }
}

std::unique_ptr<TraceContext> begin_trace(const Exchange& exchange) {
  const auto* traces = exchange.shard.services().traces;
  if (traces == nullptr || exchange.call.only_counts) return nullptr;
  auto context = trace_context(exchange.head().fields, exchange.id, traces->sample_millionths());
  return context ? std::make_unique<TraceContext>(std::move(*context)) : nullptr;
}

void end_trace(const Exchange& exchange, const PromptFacts& facts, const AnswerMeter* meter,
               const cache::LedgerRow& row) {
  RequestSpan span;
  span.context = *exchange.trace;
  span.row = row;
  std::vector<cache::RowPrefix>().swap(span.row.prefixes);  // no part of a span
  // What waits is bounded in spans, so a span has to be too.
  cache::make_storable(span.row);
  span.requested_model = facts.model.substr(0, cache::kMaxLedgerTextBytes);
  const auto* usage = meter != nullptr ? meter->usage() : nullptr;
  if (usage != nullptr) {
    span.answered_by = usage->usage().model.substr(0, cache::kMaxLedgerTextBytes);
  }
  const auto& url = exchange.call.upstream->base_url;
  span.server_address = url.host;
  span.server_port = url.port;
  exchange.shard.services().traces->add(std::move(span));
}

}  // namespace foreword::proxy
