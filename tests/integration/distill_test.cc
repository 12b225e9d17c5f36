// Prompts and answers kept for training, in a whole proxy: which, as what, and what is on the disk.
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <boost/json.hpp>
#include <gtest/gtest.h>
#include <zlib.h>

#include "cache/store.h"
#include "support/fake_upstream.h"
#include "support/prometheus_text.h"
#include "support/proxy_under_test.h"

namespace foreword::test {
namespace {

namespace json = boost::json;

constexpr const char* kLabel = "X-Foreword-Label: support\r\n";
constexpr const char* kAnswer =
    R"({"model":"claude-sonnet-5-5","content":[{"type":"text","text":"secret answer"}],)"
    R"("stop_reason":"end_turn","usage":{"input_tokens":10,"output_tokens":5}})";

std::string prompt(std::string_view question) {
  return R"({"model":"claude-sonnet-5-5","max_tokens":9,"messages":[{"role":"user","content":")" +
         std::string(question) + R"("}]})";
}

std::string line(std::string_view question, std::string_view answer) {
  return R"({"messages":[{"role":"user","content":")" + std::string(question) +
         R"("},{"role":"assistant","content":")" + std::string(answer) + R"("}]})";
}

config::SealKey key_of(std::uint8_t byte) {
  config::SealKey key;
  key.fill(byte);
  return key;
}

void capture_support(proxy::ServerOptions& options) {
  options.settings.distill.labels = {"support"};
  options.settings.distill.key_env = "KEY";
  options.distill_key = key_of(1);
}

/// Answers with what is set, to whatever is asked.
class Distill : public testing::Test {
 protected:
  /// Sends it, and waits until its row is settled.
  Message ask_messages(std::string_view question, std::string_view headers = kLabel) {
    auto answer = ask(proxy_, post("/v1/messages", prompt(question), headers));
    proxy_.row(answer);
    return answer;
  }
  json::value page(const std::string& query = "") {
    return proxy_.admin("GET", "/api/distill/examples" + query);
  }
  std::vector<std::string> lines(const std::string& query = "") {
    const auto answer = page(query);
    std::vector<std::string> all;
    for (const auto& text : answer.at("lines").as_array()) {
      all.push_back(json::value_to<std::string>(text));
    }
    return all;
  }
  json::value status() { return proxy_.admin("GET", "/api/distill"); }
  std::int64_t dropped(const char* reason) {
    return status().at("dropped").at(reason).to_number<std::int64_t>();
  }
  std::string all_files() const {
    std::ostringstream text;
    for (const auto& file : std::filesystem::recursive_directory_iterator(store_)) {
      if (file.is_regular_file()) text << std::ifstream(file.path(), std::ios::binary).rdbuf();
    }
    return text.str();
  }

  using Lines = std::vector<std::string>;
  std::string response_ = ok_response(kAnswer);
  std::filesystem::path store_;
  bool then_cuts_ = false;
  FakeUpstream upstream_{[this](const Message&, Wire& wire) {
    // Copies: the test goes on, and changes them, once the answer has arrived.
    const auto response = response_;
    const bool cut = then_cuts_;
    wire.send(response);
    if (cut) wire.close();
  }};
  ProxyUnderTest proxy_{upstream_.url(), [this](proxy::ServerOptions& options) {
                          store_ = options.settings.store.path;
                          capture_support(options);
                        }};
};

TEST_F(Distill, KeepsAPromptWithItsAnswer) {
  ask_messages("secret question");
  EXPECT_EQ(lines(), (Lines{line("secret question", "secret answer")}));
  EXPECT_EQ(status().at("captured"), 1);
}

TEST_F(Distill, KeepsOnlyLabelsThatAskForIt) {
  ask_messages("a", "X-Foreword-Label: sales\r\n");
  ask_messages("b", "");
  EXPECT_EQ(lines(), Lines{});
  EXPECT_EQ(status().at("prompts"), 0);
}

TEST_F(Distill, PutsAStreamTogether) {
  response_ = event_stream_head() +
              chunk(
                  "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"usage\":{"
                  "\"input_tokens\":1,\"output_tokens\":1}}}\n\n") +
              chunk(
                  "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":"
                  "\"text\",\"text\":\"\"}}\n\ndata: {\"type\":\"content_block_delta\",\"index\":0,"
                  "\"delta\":{\"type\":\"text_delta\",\"text\":\"str") +
              chunk(
                  "eamed\"}}\n\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":"
                  "\"end_turn\"},\"usage\":{\"output_tokens\":2}}\n\n"
                  "data: {\"type\":\"message_stop\"}\n\n") +
              std::string(kLastChunk);
  ask_messages("a");
  EXPECT_EQ(lines(), (Lines{line("a", "streamed")}));
}

std::string zipped(std::string_view text) {
  z_stream stream{};
  deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()) + 32, '\0');
  std::string in(text);
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

TEST_F(Distill, UndoesTheCodingOfAnAnswer) {
  const auto body = zipped(kAnswer);
  response_ =
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n"
      "Content-Length: " +
      std::to_string(body.size()) + "\r\n\r\n" + body;
  ask_messages("a");
  EXPECT_EQ(lines(), (Lines{line("a", "secret answer")}));
}

TEST_F(Distill, KeepsTheClientsOwnPromptWithoutTheKnowledgeBase) {
  proxy_.load_kb("handbook", {{"a.md", "What the handbook says."}});
  const auto answer = ask(proxy_, post("/kb/handbook/v1/messages", prompt("a"), kLabel));
  EXPECT_EQ(proxy_.row(answer).at("kb").as_string(), "handbook");
  ASSERT_NE(upstream_.last_request().body.find("What the handbook says."), std::string::npos);
  EXPECT_EQ(lines(), (Lines{line("a", "secret answer")}));
}

TEST_F(Distill, KeepsEachPromptOnceWithItsLatestAnswer) {
  ask_messages("a");
  ask_messages("a");
  EXPECT_EQ(lines(), (Lines{line("a", "secret answer")}));
  response_ = ok_response(
      R"({"content":[{"type":"text","text":"newer"}],"stop_reason":"end_turn","usage":{}})");
  // In other words of the same meaning.
  const auto answer =
      ask(proxy_, post("/v1/messages",
                       R"({ "messages": [{"content": [{"type":"text","text":"a"}],)"
                       R"( "role": "user"}], "stream": false, "model": "claude-haiku-4-5"})",
                       kLabel));
  proxy_.row(answer);
  EXPECT_EQ(lines(), (Lines{line("a", "newer")}));
}

TEST_F(Distill, LeavesOutAnswersThatFailed) {
  response_ = "HTTP/1.1 529 Overloaded\r\nContent-Length: 2\r\n\r\n{}";
  ask_messages("a");
  EXPECT_EQ(status().at("prompts"), 0);
}

TEST_F(Distill, LeavesOutAndCountsAnswersThatAreCut) {
  response_ = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{";
  then_cuts_ = true;
  ask_messages("a");
  EXPECT_EQ(dropped("incomplete"), 1);
  EXPECT_EQ(status().at("prompts"), 0);
}

TEST_F(Distill, CountsPromptsThatAreTooLong) {
  ask_messages(std::string(9u << 20, 'x'));
  EXPECT_EQ(dropped("too_large"), 1);
  EXPECT_EQ(status().at("prompts"), 0);
}

TEST_F(Distill, CountsWhatMakesNoExample) {
  const auto answer =
      ask(proxy_, post("/v1/messages",
                       R"({"model":"claude-sonnet-5-5","messages":[{"role":"user","content":[)"
                       R"({"type":"image","source":{"type":"base64","data":"QUJD"}}]}]})",
                       kLabel));
  proxy_.row(answer);
  const auto got = page();
  EXPECT_TRUE(got.at("lines").as_array().empty());
  EXPECT_EQ(got.at("left_out").at("media"), 1);
}

TEST_F(Distill, WritesEachFormat) {
  ask_messages("a");
  EXPECT_EQ(lines("?format=sharegpt"), (Lines{R"({"conversations":[{"from":"human","value":"a"},)"
                                              R"({"from":"gpt","value":"secret answer"}]})"}));
  EXPECT_EQ(lines("?format=bedrock"), (Lines{line("a", "secret answer")}));
}

TEST_F(Distill, PagesThroughWhatThereIs) {
  for (const auto* question : {"a", "b", "c"}) ask_messages(question);
  Lines all;
  std::string first;
  for (int pages = 0; pages < 5; ++pages) {
    const auto got = page("?limit=2" + first);
    for (const auto& text : got.at("lines").as_array()) {
      all.push_back(json::value_to<std::string>(text));
    }
    if (got.at("next").is_null()) break;
    first = "&first=" + json::value_to<std::string>(got.at("next"));
  }
  EXPECT_EQ(all, (Lines{line("a", "secret answer"), line("b", "secret answer"),
                        line("c", "secret answer")}));
}

TEST_F(Distill, DeletesWhatItIsToldTo) {
  ask_messages("a");
  int code = 0;
  proxy_.admin("DELETE", "/api/distill", "", &code);
  EXPECT_EQ(code, 400);
  EXPECT_EQ(proxy_.admin("DELETE", "/api/distill?label=sales").at("removed"), 0);
  EXPECT_EQ(proxy_.admin("DELETE", "/api/distill?label=support").at("removed"), 1);
  EXPECT_EQ(lines(), Lines{});
}

TEST_F(Distill, StaysOverARestart) {
  ask_messages("a");
  proxy_.restart();
  EXPECT_EQ(lines(), (Lines{line("a", "secret answer")}));
}

TEST_F(Distill, CannotBeReadWithAnotherKeyAndSaysSo) {
  ask_messages("a");
  proxy_.restart([](proxy::ServerOptions& options) { options.distill_key = key_of(2); });
  const auto got = page();
  EXPECT_TRUE(got.at("lines").as_array().empty());
  EXPECT_EQ(got.at("left_out").at("other_key"), 1);
  EXPECT_EQ(status().at("other_key"), 1);
}

TEST_F(Distill, CannotBeReadWithoutAKeyButDeleted) {
  ask_messages("a");
  proxy_.restart([](proxy::ServerOptions& options) {
    options.settings.distill = {};
    options.distill_key.reset();
  });
  int code = 0;
  proxy_.admin("GET", "/api/distill/examples", "", &code);
  EXPECT_EQ(code, 409);
  EXPECT_EQ(proxy_.admin("DELETE", "/api/distill?all=1").at("removed"), 1);
}

TEST_F(Distill, LeavesNoTextOnTheDisk) {
  ask_messages("secret question");
  ASSERT_EQ(lines().size(), 1u);
  proxy_.stop();
  EXPECT_EQ(all_files().find("secret"), std::string::npos);
}

TEST_F(Distill, StoresNothingWhereNoLabelAsksForIt) {
  proxy_.restart([](proxy::ServerOptions& options) { options.settings.distill = {}; });
  ask_messages("secret question");
  proxy_.stop();
  EXPECT_EQ(all_files().find("secret"), std::string::npos);
  const auto store = cache::Store::open(store_).value();
  for (const auto family : {cache::Family::captures, cache::Family::capture_index}) {
    const auto scanned = store->scan(family, {}, {}, [](std::string_view, std::string_view) {
      ADD_FAILURE() << "something is there";
      return false;
    });
    EXPECT_TRUE(scanned);
  }
}

TEST_F(Distill, StartsWithoutAKeyOnlyWhereNothingIsCaptured) {
  EXPECT_ANY_THROW(
      proxy_.restart([](proxy::ServerOptions& options) { options.distill_key.reset(); }));
}

TEST_F(Distill, IsCountedInTheMetrics) {
  ask_messages("a");
  ASSERT_EQ(lines().size(), 1u);
  auto wire = Wire::connect(proxy_.admin_port());
  wire.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const auto metrics = read_prometheus_text(read_message(wire, true).body);
  EXPECT_EQ(metrics.problems, "");
  EXPECT_EQ(metrics.values.at("foreword_distill_captured_total"), 1);
  EXPECT_EQ(metrics.values.at("foreword_distill_dropped_total{reason=\"store\"}"), 0);
}

}  // namespace
}  // namespace foreword::test
