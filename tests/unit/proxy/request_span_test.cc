// A row as a span: what the conventions call it, and whose fault it is.
#include "proxy/request_span.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "proxy/traces.h"

namespace foreword::proxy {
namespace {

namespace json = boost::json;

RequestSpan span_of(unsigned status, cache::Outcome outcome) {
  RequestSpan span;
  span.row.status = static_cast<std::uint16_t>(status);
  span.row.outcome = outcome;
  span.row.provider = config::Provider::gemini;
  span.row.operation = config::Operation::generate_content;
  return span;
}

/// The value's text, or "" where there is none.
std::string attribute(const RequestSpan& span, std::string_view key) {
  const auto made = to_otlp(span);
  for (const auto& one : made.at("attributes").as_array()) {
    if (one.at("key").as_string() != key) continue;
    const auto& value = one.at("value").as_object().begin()->value();
    return value.is_string() ? json::value_to<std::string>(value) : json::serialize(value);
  }
  return "";
}

TEST(RequestSpan, LastsFromTheRequestsStartAsLongAsItTook) {
  auto span = span_of(200, cache::Outcome::complete);
  span.row.started = config::TimePoint(std::chrono::microseconds(1'795'000'000'123'456));
  span.row.duration = std::chrono::microseconds(2'000'001);
  const auto made = to_otlp(span);
  EXPECT_EQ(made.at("startTimeUnixNano").as_string(), "1795000000123456000");
  EXPECT_EQ(made.at("endTimeUnixNano").as_string(), "1795000002123457000");
  EXPECT_EQ(made.at("kind"), 2);
}

TEST(RequestSpan, HasTheConventionsNames) {
  auto span = span_of(200, cache::Outcome::complete);
  span.requested_model = "gemini-3.8-flash";
  EXPECT_EQ(to_otlp(span).at("name").as_string(), "generate_content gemini-3.8-flash");
  EXPECT_EQ(attribute(span, "gen_ai.provider.name"), "gcp.gemini");
  EXPECT_EQ(attribute(span, "gen_ai.operation.name"), "generate_content");
  EXPECT_EQ(attribute(span, "gen_ai.response.model"), "");
  EXPECT_EQ(attribute(span, "gen_ai.usage.input_tokens"), "");  // nobody told
}

TEST(RequestSpan, CountsTokensOfTheCacheAmongTheInput) {
  auto span = span_of(200, cache::Outcome::complete);
  span.row.usage_source = cache::UsageSource::reported;
  span.row.tokens.by_class = {1, 20, 300, 4'000, 0, 0, 50'000};
  EXPECT_EQ(attribute(span, "gen_ai.usage.input_tokens"), "4321");
  EXPECT_EQ(attribute(span, "gen_ai.usage.cache_read.input_tokens"), "20");
  EXPECT_EQ(attribute(span, "gen_ai.usage.cache_creation.input_tokens"), "4300");
  EXPECT_EQ(attribute(span, "gen_ai.usage.output_tokens"), "50000");
  EXPECT_EQ(attribute(span, "foreword.tokens.cache_write_1h"), "4000");
  EXPECT_EQ(attribute(span, "foreword.tokens.cache_write_30m"), "");
}

TEST(RequestSpan, HasCostsWhereThereIsAPrice) {
  auto span = span_of(200, cache::Outcome::complete);
  EXPECT_EQ(attribute(span, "foreword.cost.paid_usd"), "");
  span.row.priced = true;
  span.row.cost_actual = 1'500'000'000'000;
  EXPECT_EQ(attribute(span, "foreword.cost.paid_usd"), "1.5E0");
}

struct Ended {
  unsigned status;
  cache::Outcome outcome;
  const char* error;
  const char* type;
  bool is_error;
};

TEST(RequestSpan, IsAnErrorWhereProviderOrForewordFailed) {
  using cache::Outcome;
  for (const auto& [status, outcome, error, type, is_error] :
       {Ended{200, Outcome::complete, "", "", false},
        Ended{400, Outcome::complete, "", "400", false},
        Ended{529, Outcome::complete, "", "529", true},
        Ended{200, Outcome::upstream_cut, "", "upstream_cut", true},
        Ended{200, Outcome::provider_error, "", "provider_error", true},
        Ended{200, Outcome::client_gone, "", "client_gone", false},
        Ended{404, Outcome::failed, "unknown_kb", "unknown_kb", false},
        Ended{502, Outcome::failed, "upstream_closed", "upstream_closed", true}}) {
    auto span = span_of(status, outcome);
    span.row.error = error;
    EXPECT_EQ(attribute(span, "error.type"), type) << status << " " << name_of(outcome);
    EXPECT_EQ(to_otlp(span).contains("status"), is_error) << status << " " << name_of(outcome);
  }
}

TEST(RequestSpan, IsValidUtf8WhateverTheClientSays) {
  auto span = span_of(200, cache::Outcome::complete);
  span.row.label = "gr\xc3\xbc\xc3\x9f \xff\xc3";
  const std::vector<RequestSpan> spans{span};
  const auto read = json::parse(otlp_export(spans, "foreword"));
  EXPECT_TRUE(read.is_object());
  EXPECT_EQ(attribute(span, "foreword.label"), "gr\xc3\xbc\xc3\x9f \xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(OtlpHeaders, AreNamesAndValuesWithEscapes) {
  const auto headers = parse_otlp_headers("api-key=abc%20d==, X-Org = 7,").value();
  ASSERT_EQ(headers.size(), 2u);
  EXPECT_EQ(headers[0], (std::pair<std::string, std::string>("api-key", "abc d==")));
  EXPECT_EQ(headers[1], (std::pair<std::string, std::string>("X-Org", "7")));
  EXPECT_TRUE(parse_otlp_headers("").value().empty());
}

TEST(OtlpHeaders, ThatCannotBeHeadersAreAnErrorThatDoesNotRepeatThem) {
  for (const auto* bad : {"secret", "=secret", "a b=secret", "a=secret%0d%0ab:c", "a=%zz"}) {
    const auto headers = parse_otlp_headers(bad);
    ASSERT_FALSE(headers) << bad;
    EXPECT_EQ(headers.error().message.find("secret"), std::string::npos);
  }
}

}  // namespace
}  // namespace foreword::proxy
