// The requests, answers and configurations of the bench.

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "tools/bench/load.h"
#include "tools/bench/plan.h"
#include "tools/bench/prompts.h"
#include "tools/bench/server_configs.h"
#include "tools/bench/session.h"

namespace foreword::bench {
namespace {

namespace json = boost::json;

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

TEST(Conversation, HasExactlyTheSizeThatWasAskedFor) {
  for (const std::size_t bytes : {512, 1'024, 8'191, 9'000, 20'000, 102'400, 1'048'576}) {
    EXPECT_EQ(conversation(bytes, false).size(), bytes);
  }
}

TEST(Conversation, IsAPromptOfManyTurns) {
  const auto prompt = json::parse(conversation(100'000, true));
  EXPECT_TRUE(prompt.at("stream").as_bool());
  const auto& messages = prompt.at("messages").as_array();
  ASSERT_GT(messages.size(), 10U);
  EXPECT_EQ(messages[0].at("role").as_string(), "user");
  EXPECT_EQ(messages[1].at("role").as_string(), "assistant");
}

TEST(StubAnswer, IsRightToItsOwnClient) {
  EXPECT_NO_THROW(check_answer(answer(1'024), 1'024));
  EXPECT_EQ(answer_bytes(answer(1'024)), answer(1'024).size());
}

TEST(StubAnswer, HasUsageThatCanBeMetered) {
  const auto body = json::parse(answer_body());
  EXPECT_EQ(body.at("usage").at("output_tokens").as_int64(), 27);
}

TEST(CheckAnswer, WaitsForTheWholeHead) {
  EXPECT_EQ(answer_bytes("HTTP/1.1 200 OK\r\nContent-Le"), 0U);
}

TEST(CheckAnswer, TakesHeadFieldsInAnyCase) {
  EXPECT_EQ(answer_bytes("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n"), 39U + 10);
}

TEST(CheckAnswer, RefusesAnotherStatus) {
  EXPECT_THROW((void)answer_bytes("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"),
               WrongAnswer);
}

TEST(CheckAnswer, RefusesAnAnswerWithoutALength) {
  EXPECT_THROW((void)answer_bytes("HTTP/1.1 200 OK\r\nServer: x\r\n\r\n"), WrongAnswer);
}

TEST(CheckAnswer, RefusesAChangedBody) {
  auto changed = answer(1'024);
  changed.back() = '!';
  EXPECT_THROW(check_answer(changed, 1'024), WrongAnswer);
}

TEST(CheckAnswer, RefusesBytesBehindIt) {
  EXPECT_THROW(check_answer(answer(1'024) + "x", 1'024), WrongAnswer);
}

TEST(CheckAnswer, RefusesAPromptThatReachedTheUpstreamInPart) {
  EXPECT_THROW(check_answer(answer(1'023), 1'024), WrongAnswer);
  EXPECT_NO_THROW(check_answer(answer(1'100), 1'024));
}

TEST(StreamAnswer, HasOneMarkForEachEvent) {
  EXPECT_TRUE(contains(stream_event(), kEventMark));
  EXPECT_FALSE(contains(stream_beginning(), kEventMark));
  EXPECT_FALSE(contains(stream_end(), kEventMark));
  EXPECT_TRUE(stream_end().ends_with(kLastChunk));
}

ServerConfig a_config() {
  ServerConfig config;
  config.folder = "/tmp/of-its-own";
  config.port = 8001;
  config.upstream_port = 9001;
  return config;
}

TEST(NginxConfig, StreamingKeepsNoBody) {
  const auto text = nginx_config(a_config(), false);
  EXPECT_TRUE(contains(text, "listen 127.0.0.1:8001"));
  EXPECT_TRUE(contains(text, "server 127.0.0.1:9001;"));
  EXPECT_TRUE(contains(text, "proxy_request_buffering off;"));
  EXPECT_TRUE(contains(text, "client_body_buffer_size 256k;"));
}

TEST(NginxConfig, StoringKeepsItInMemory) {
  const auto text = nginx_config(a_config(), true);
  EXPECT_TRUE(contains(text, "proxy_request_buffering on;"));
  EXPECT_TRUE(contains(text, "client_body_buffer_size 8m;"));
}

TEST(NginxConfig, WritesInItsOwnFolderOnly) {
  const auto text = nginx_config(a_config(), false);
  for (const auto* what : {"pid", "client_body_temp_path", "proxy_temp_path", "fastcgi_temp_path",
                           "uwsgi_temp_path", "scgi_temp_path"}) {
    EXPECT_TRUE(contains(text, std::string(what) + " /tmp/of-its-own/")) << what;
  }
}

TEST(NginxConfig, NamesAUserOnlyToRoot) {
  EXPECT_FALSE(contains(nginx_config(a_config(), false), "user "));
  auto config = a_config();
  config.as_root = true;
  EXPECT_TRUE(contains(nginx_config(config, false), "user root;"));
}

TEST(HaproxyConfig, IsTunedOnlyWhereAsked) {
  EXPECT_FALSE(contains(haproxy_config(a_config(), false), "tune.bufsize"));
  EXPECT_TRUE(contains(haproxy_config(a_config(), true), "tune.bufsize 131072"));
  EXPECT_TRUE(contains(haproxy_config(a_config(), true), "bind 127.0.0.1:8001"));
  EXPECT_TRUE(contains(haproxy_config(a_config(), true), "server provider 127.0.0.1:9001"));
}

TEST(Plan, QuickMeasuresLessOften) {
  BenchOptions quick;
  quick.quick = true;
  EXPECT_LT(make_plan(quick).repeats, make_plan(BenchOptions()).repeats);
  EXPECT_LT(make_plan(quick).cpu.front().requests, make_plan(BenchOptions()).cpu.front().requests);
}

TEST(Plan, OneSizeAloneCanBeAskedFor) {
  BenchOptions options;
  options.sizes = {"1 MB"};
  const auto plan = make_plan(options);
  ASSERT_EQ(plan.cpu.size(), 1U);
  EXPECT_EQ(plan.cpu.front().name, "1 MB");
  EXPECT_EQ(plan.latency.size(), 1U);
}

TEST(Plan, AScaleNeverLeavesNothingToDo) {
  BenchOptions tiny;
  tiny.scale = 0.000001;
  for (const auto& point : make_plan(tiny).cpu) EXPECT_EQ(point.requests, 1U);
}

TEST(Plan, EachRepeatBeginsWithAnotherCandidate) {
  EXPECT_EQ(rotated(0, 0, 3), 0U);
  EXPECT_EQ(rotated(0, 1, 3), 1U);
  EXPECT_EQ(rotated(2, 1, 3), 0U);
}

}  // namespace
}  // namespace foreword::bench
