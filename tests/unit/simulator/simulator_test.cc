// Routing, faults, control and the log: what the three providers share.
#include "simulator/simulator.h"

#include <gtest/gtest.h>

#include "calling_simulator.h"

namespace foreword::simulator {
namespace {

class SimulatorTest : public CallingSimulator {
 protected:
  static json::object question(bool stream = false) {
    return {{"model", "claude-sonnet-5-5"},
            {"max_tokens", 50},
            {"stream", stream},
            {"messages", json::array{json::object{{"role", "user"}, {"content", "Hello?"}}}}};
  }
  Exchange ask_with(const std::string& faults, bool stream = false) {
    headers_ = {{"x-simulate", faults}};
    const Exchange exchange = ask("/v1/messages", question(stream));
    headers_.clear();
    return exchange;
  }
  json::value log() { return json::parse(get("/simulator/requests").body); }
  static Dialect recognised(const std::string& target, std::vector<Header> headers = {},
                            const std::string& method = "GET") {
    return recognise(Request{method, target, std::move(headers), ""});
  }
};

// --- routing ------------------------------------------------------------------------------------

TEST_F(SimulatorTest, SharedPathsAreToldApartByHeaders) {
  EXPECT_EQ(recognised("/v1/models", {{"anthropic-version", "2023-06-01"}}), Dialect::anthropic);
  EXPECT_EQ(recognised("/v1/models", {{"x-goog-api-key", "k"}}), Dialect::gemini);
  EXPECT_EQ(recognised("/v1/models?key=k"), Dialect::gemini);
  EXPECT_EQ(recognised("/v1/models", {{"authorization", "Bearer k"}}), Dialect::openai_chat);
}

TEST_F(SimulatorTest, MethodsOfGeminisModelsAreToldByTheirColon) {
  EXPECT_EQ(recognised("/v1/models/gemini-3.8-flash:countTokens", {}, "POST"), Dialect::gemini);
}

TEST_F(SimulatorTest, UnknownPathsAreNotFoundInTheProvidersShape) {
  const Reply reply = get("/v1/nothing");
  EXPECT_EQ(reply.status, 404u);
  EXPECT_EQ(text(json::parse(reply.body), "/error/type"), "not_found_error");
}

TEST_F(SimulatorTest, MalformedJsonIsRefusedByAllThree) {
  for (const char* path : {"/v1/messages", "/v1/chat/completions", "/v1/responses",
                           "/v1beta/models/gemini-3.8-flash:generateContent"}) {
    EXPECT_EQ(simulator_.answer(request("POST", path, "{\"model\": ")).reply.status, 400u) << path;
    EXPECT_EQ(simulator_.answer(request("POST", path, "[1]")).reply.status, 400u) << path;
  }
}

// --- faults -------------------------------------------------------------------------------------

TEST_F(SimulatorTest, AStatusIsAnsweredInTheProvidersShapeWithRetryHeaders) {
  const Reply reply = ask_with("status=529;retry-after=2;should-retry=false").reply;
  EXPECT_EQ(reply.status, 529u);
  EXPECT_EQ(text(json::parse(reply.body), "/error/type"), "overloaded_error");
  EXPECT_EQ(header_of(reply, "retry-after"), "2");
  EXPECT_EQ(header_of(reply, "x-should-retry"), "false");
  EXPECT_FALSE(header_of(reply, "request-id").empty());
}

TEST_F(SimulatorTest, AWordThatIsNotKnownIsRefusedWhereItIsUsed) {
  const Reply reply = ask_with("refuse=max_tokens").reply;
  EXPECT_EQ(reply.status, 400u);
  EXPECT_EQ(text(json::parse(reply.body), "/error/message"),
            "max_tokens: Extra inputs are not permitted");
  EXPECT_EQ(ask_with("refuse=cache_control").reply.status, 200u);
}

TEST_F(SimulatorTest, AnErrorEventEndsAStream) {
  const Reply reply = ask_with("error-event-after=2", true).reply;
  EXPECT_EQ(reply.status, 200u);
  ASSERT_EQ(reply.events.size(), 3u);
  EXPECT_TRUE(reply.events[2].bytes.starts_with("event: error\n"));
  EXPECT_NE(reply.events[2].bytes.find("overloaded_error"), std::string::npos);
}

TEST_F(SimulatorTest, GarbageIsNoJson) {
  EXPECT_FALSE(parse_json(ask_with("garbage").reply.body).has_value());
}

TEST_F(SimulatorTest, DelaysAndCutsAreLeftToTheTransport) {
  const Faults faults = ask_with("first-byte-delay-ms=200; cut-after-events=3").faults;
  EXPECT_EQ(faults.first_byte_delay, std::chrono::milliseconds(200));
  EXPECT_EQ(faults.cut_after_events, 3u);
}

TEST_F(SimulatorTest, AFaultThatCannotBeUnderstoodIsRefused) {
  for (const char* spec : {"statsu=529", "status=200", "status=abc", "gzip=maybe", "stall=-1"}) {
    EXPECT_EQ(ask_with(spec).reply.status, 400u) << spec;
  }
}

TEST_F(SimulatorTest, FaultsForTheNextRequestsRunOut) {
  post_json("/simulator/faults", json::object{{"faults", "status=500;times=2"}});
  EXPECT_EQ(post("/v1/messages", question()).status, 500u);
  EXPECT_EQ(post("/v1/messages", question()).status, 500u);
  EXPECT_EQ(post("/v1/messages", question()).status, 200u);
}

TEST_F(SimulatorTest, AHeaderComesBeforeTheFaultsOfAll) {
  post_json("/simulator/faults", json::object{{"faults", "status=500"}});
  EXPECT_EQ(ask_with("status=429").reply.status, 429u);
}

// --- control and the log
// ----------------------------------------------------------------------------

TEST_F(SimulatorTest, TheLogKnowsWhatCame) {
  const auto body = json::serialize(question());
  (void)simulator_.answer(request("POST", "/v1/messages?beta=true", body));
  const auto entry = log().at("requests").at(0);
  EXPECT_EQ(text(entry, "/provider"), "anthropic");
  EXPECT_EQ(text(entry, "/path"), "/v1/messages");
  EXPECT_EQ(text(entry, "/model"), "claude-sonnet-5-5");
  EXPECT_EQ(number(entry, "/body_bytes"), static_cast<std::int64_t>(body.size()));
  EXPECT_EQ(text(entry, "/body_xxh3"), config::to_hex(config::xxh3_128(body)));
  EXPECT_EQ(text(entry, "/ending"), "running");
}

TEST_F(SimulatorTest, TheLogHoldsNoKey) {
  key_ = "very-secret";
  post("/v1beta/models/gemini-3.8-flash:generateContent?key=very-secret", json::object());
  EXPECT_EQ(json::serialize(log()).find("very-secret"), std::string::npos);
}

TEST_F(SimulatorTest, TheLogKnowsUsageAsFarAsItWasReported) {
  const Exchange exchange = ask("/v1/messages", question(true));
  EXPECT_EQ(number(log(), "/requests/0/usage/input"), 0);
  simulator_.begin(exchange);
  EXPECT_GT(number(log(), "/requests/0/usage/input"), 0);
  simulator_.end(exchange, Ending::aborted, 7);
  const auto after = log();
  EXPECT_EQ(number(after, "/requests/0/usage/output"), 7);
  EXPECT_TRUE(after.at("requests").at(0).at("aborted").as_bool());
  EXPECT_EQ(number(after, "/aborted"), 1);
}

TEST_F(SimulatorTest, TheLogShowsTheLatestRequests) {
  for (int i = 0; i < 3; ++i) post("/v1/messages", question());
  const auto latest = json::parse(get("/simulator/requests?limit=1").body);
  EXPECT_EQ(latest.at("requests").as_array().size(), 1u);
  EXPECT_EQ(number(latest, "/requests/0/id"), 3);
  EXPECT_EQ(number(latest, "/total"), 3);
}

TEST_F(SimulatorTest, TheClockMovesOnRequest) {
  const auto before = simulator_.clock().now();
  post_json("/simulator/clock", json::object{{"advance_seconds", 301}});
  EXPECT_EQ(simulator_.clock().now() - before, std::chrono::seconds(301));
}

TEST_F(SimulatorTest, TheClockMovesByMicrosecondsToo) {
  const auto moved = post_json("/simulator/clock", json::object{{"advance_us", 50'001}});
  EXPECT_EQ(number(moved, "/elapsed_us"), 50'001);
  EXPECT_EQ(number(json::parse(get("/simulator/clock").body), "/elapsed_us"), 50'001);
}

class SimulatorWithFirstByteTimes : public CallingSimulator {
 protected:
  static Options options() {
    auto options = virtual_options();
    options.first_byte_times = true;
    return options;
  }
  SimulatorWithFirstByteTimes() : CallingSimulator(options()) {}

  std::chrono::microseconds time_to_first_byte() {
    const json::object block{{"type", "text"},
                             {"text", text_of("word", 5'995)},
                             {"cache_control", json::object{{"type", "ephemeral"}}}};
    const json::object message{{"role", "user"}, {"content", json::array{block}}};
    const auto exchange = ask("/v1/messages", json::object{{"model", "claude-sonnet-5-5"},
                                                           {"max_tokens", 5},
                                                           {"messages", json::array{message}}});
    simulator_.begin(exchange);
    return std::chrono::duration_cast<std::chrono::microseconds>(*exchange.first_byte_at -
                                                                 simulator_.clock().now());
  }
};

TEST_F(SimulatorWithFirstByteTimes, WhatNoCacheHoldsIsReadAtTwelveThousandTokensASecond) {
  EXPECT_EQ(time_to_first_byte(), std::chrono::milliseconds(900));
}

TEST_F(SimulatorWithFirstByteTimes, WhatIsReadFromTheCacheTakesNoTime) {
  time_to_first_byte();
  EXPECT_EQ(time_to_first_byte(), std::chrono::milliseconds(400));
}

TEST(SimulatorUnderRealTime, RefusesToMoveTheClock) {
  Simulator simulator{Options{}};
  const Request advance{"POST", "/simulator/clock", {}, R"({"advance_seconds": 1})"};
  EXPECT_EQ(simulator.answer(advance).reply.status, 409u);
}

TEST(SimulatorUnderFaultsThatMakeNoSense, DoesNotStart) {
  Options options;
  options.faults = "nonsense";
  EXPECT_THROW(Simulator{options}, std::runtime_error);
}

TEST_F(SimulatorTest, AResetForgetsTheLogAndTheFaults) {
  post_json("/simulator/faults", json::object{{"faults", "status=500"}});
  post("/v1/messages", question());
  post_json("/simulator/reset", json::object());
  EXPECT_EQ(number(log(), "/total"), 0);
  EXPECT_EQ(post("/v1/messages", question()).status, 200u);
}

TEST_F(SimulatorTest, TheSameSeedGivesTheSameAnswers) {
  Simulator twin(virtual_options());
  const auto same = request("POST", "/v1/messages", json::serialize(question()));
  EXPECT_EQ(simulator_.answer(same).reply.body, twin.answer(same).reply.body);
}

}  // namespace
}  // namespace foreword::simulator
