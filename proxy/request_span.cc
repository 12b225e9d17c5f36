#include "proxy/request_span.h"

#include <chrono>
#include <utility>

#include <boost/json.hpp>
#include <boost/locale/utf.hpp>

#include "config/money.h"

namespace foreword::proxy {
namespace {

namespace json = boost::json;
using config::TokenClass;

/// opentelemetry/proto/trace/v1/trace.proto.
constexpr int kServerKind = 2;
constexpr int kErrorStatus = 2;
constexpr int kSampled = 1;
constexpr int kKnowsWhetherRemote = 0x100;
constexpr int kParentIsRemote = 0x200;

/// A collector refuses a whole batch for one text that is not UTF-8, and clients choose labels.
std::string valid_utf8(std::string_view text) {
  using Utf8 = boost::locale::utf::utf_traits<char>;
  std::string out;
  out.reserve(text.size());
  for (const char* at = text.data(); at != text.data() + text.size();) {
    const char* const begin = at;
    const auto point = Utf8::decode(at, text.data() + text.size());
    const bool is_valid =
        point != boost::locale::utf::illegal && point != boost::locale::utf::incomplete;
    if (is_valid) {
      out.append(begin, at);
    } else {
      out += "\xEF\xBF\xBD";
      at = begin + 1;
    }
  }
  return out;
}

template <std::size_t N>
std::string hex(const std::array<unsigned char, N>& bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const auto byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

/// OTLP's KeyValues. What is not known is left out.
class Attributes {
 public:
  void text(std::string_view key, std::string_view value) {
    if (!value.empty()) add(key, {{"stringValue", valid_utf8(value)}});
  }
  /// 64 bits are text in protobuf's JSON.
  void count(std::string_view key, std::uint64_t value) {
    add(key, {{"intValue", std::to_string(value)}});
  }
  void number(std::string_view key, double value) { add(key, {{"doubleValue", value}}); }
  void truth(std::string_view key, bool value) { add(key, {{"boolValue", value}}); }
  [[nodiscard]] json::array take() { return std::move(list_); }

 private:
  void add(std::string_view key, json::object value) {
    list_.push_back({{"key", key}, {"value", std::move(value)}});
  }
  json::array list_;
};

double seconds(std::chrono::microseconds time) {
  return std::chrono::duration<double>(time).count();
}

double dollars(config::Picodollars amount) {
  return static_cast<double>(amount) / static_cast<double>(config::kPicodollarsPerDollar);
}

/// Empty: it went well.
std::string error_type(const cache::LedgerRow& row) {
  if (!row.error.empty()) return row.error;
  if (row.status >= 400) return std::to_string(row.status);
  return row.outcome == cache::Outcome::complete ? "" : std::string(name_of(row.outcome));
}

/// By the conventions for HTTP servers, a status of 4xx is the client's affair.
bool is_error(const cache::LedgerRow& row) {
  return row.status >= 500 || row.outcome == cache::Outcome::upstream_cut ||
         row.outcome == cache::Outcome::provider_error ||
         (row.outcome == cache::Outcome::failed && row.status == 0);
}

void add_gen_ai(const RequestSpan& span, Attributes& out) {
  const auto& row = span.row;
  out.text("gen_ai.operation.name", otel_name(row.operation));
  out.text("gen_ai.provider.name", otel_name(row.provider));
  out.text("gen_ai.request.model", span.requested_model);
  out.text("gen_ai.response.model", span.answered_by);
  if (row.usage_source == cache::UsageSource::none) return;
  const auto read = row.tokens[TokenClass::cache_read];
  out.count("gen_ai.usage.input_tokens", row.tokens.prompt());
  out.count("gen_ai.usage.output_tokens", row.tokens.output());
  out.count("gen_ai.usage.cache_read.input_tokens", read);
  out.count("gen_ai.usage.cache_creation.input_tokens",
            row.tokens.prompt() - read - row.tokens[TokenClass::input]);
}

void add_http(const RequestSpan& span, Attributes& out) {
  out.text("http.request.method", "POST");
  if (span.row.status != 0) out.count("http.response.status_code", span.row.status);
  out.text("server.address", span.server_address);
  out.count("server.port", span.server_port);
  out.text("error.type", error_type(span.row));
}

void add_money(const cache::LedgerRow& row, Attributes& out) {
  for (std::size_t i = 0; i < config::kTokenClasses; ++i) {
    const auto tokens = row.tokens.by_class[i];
    if (tokens == 0) continue;
    const auto name = config::name_of(static_cast<TokenClass>(i));
    out.count("foreword.tokens." + std::string(name), tokens);
  }
  if (!row.priced) return;
  out.number("foreword.cost.paid_usd", dollars(row.cost_actual));
  out.number("foreword.cost.uncached_usd", dollars(row.cost_uncached));
  out.number("foreword.cost.client_only_usd", dollars(row.cost_client_only));
}

void add_foreword(const cache::LedgerRow& row, Attributes& out) {
  out.text("foreword.request.id", to_text(row.id));
  out.text("foreword.upstream", row.upstream);
  out.text("foreword.mode", name_of(row.mode));
  out.text("foreword.label", row.label);
  out.text("foreword.kb.name", row.kb);
  out.text("foreword.kb.version", row.kb_version);
  out.text("foreword.placement", row.placement);
  out.text("foreword.refused", row.refused);
  out.text("foreword.outcome", name_of(row.outcome));
  out.text("foreword.usage_source", name_of(row.usage_source));
  out.truth("foreword.stream", row.stream);
  if (row.first_byte.count() > 0) {
    out.number("foreword.time_to_first_byte_s", seconds(row.first_byte));
  }
  add_money(row, out);
}

std::string nanoseconds(config::TimePoint at) {
  const auto since = at.time_since_epoch();
  return std::to_string(std::chrono::duration_cast<std::chrono::nanoseconds>(since).count());
}

}  // namespace

std::string_view otel_name(config::Provider provider) {
  return provider == config::Provider::gemini ? "gcp.gemini" : config::name_of(provider);
}

std::string_view otel_name(config::Operation operation) {
  return operation == config::Operation::generate_content ? "generate_content" : "chat";
}

json::object to_otlp(const RequestSpan& span) {
  const auto& row = span.row;
  const auto& context = span.context;
  Attributes attributes;
  add_gen_ai(span, attributes);
  add_http(span, attributes);
  add_foreword(row, attributes);
  const auto model = span.requested_model.empty() ? "" : " " + valid_utf8(span.requested_model);
  json::object out{{"traceId", hex(context.trace)},
                   {"spanId", hex(context.span)},
                   {"name", std::string(otel_name(row.operation)) + model},
                   {"kind", kServerKind},
                   {"flags", kSampled | kKnowsWhetherRemote},
                   {"startTimeUnixNano", nanoseconds(row.started)},
                   {"endTimeUnixNano", nanoseconds(row.started + row.duration)},
                   {"attributes", attributes.take()}};
  if (context.parent) {
    out["parentSpanId"] = hex(*context.parent);
    out["flags"] = kSampled | kKnowsWhetherRemote | kParentIsRemote;
  }
  if (!context.state.empty()) out["traceState"] = valid_utf8(context.state);
  if (is_error(row)) out["status"] = {{"code", kErrorStatus}};
  return out;
}

std::string otlp_export(std::span<const RequestSpan> spans, std::string_view service_name) {
  json::array list;
  list.reserve(spans.size());
  for (const auto& span : spans) list.push_back(to_otlp(span));
  Attributes resource;
  resource.text("service.name", service_name);
  resource.text("service.version", FOREWORD_VERSION);
  const json::object scope{{"name", "foreword"}, {"version", FOREWORD_VERSION}};
  json::array scopes;
  scopes.push_back({{"scope", scope}, {"spans", std::move(list)}});
  json::array resources;
  resources.push_back(
      {{"resource", {{"attributes", resource.take()}}}, {"scopeSpans", std::move(scopes)}});
  return json::serialize(json::object{{"resourceSpans", std::move(resources)}});
}

}  // namespace foreword::proxy
