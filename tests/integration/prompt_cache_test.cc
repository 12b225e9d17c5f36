// Breakpoints on the client's own segments, and what answers teach of the provider's cache.
#include <string>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "support/fake_upstream.h"
#include "support/proxy_under_test.h"

namespace foreword::test {
namespace {

/// Claude that answers with the usage that a test sets.
class PromptCache : public testing::Test {
 protected:
  /// What arrives of a prompt with a head that all prompts share. Its answer has been learned from.
  std::string sent(const std::string& question, const std::string& headers = "") {
    const auto answer = ask(proxy_, post("/v1/messages", body(question), headers));
    EXPECT_EQ(answer.status(), 200);
    (void)proxy_.row(answer);
    return upstream_.last_request().body;
  }
  static std::string body(const std::string& question) {
    return R"({"model":"claude-sonnet-5","system":[{"type":"text","text":")" + pattern(20'000) +
           R"("}],"messages":[{"role":"user","content":")" + question + R"("}]})";
  }
  static std::size_t marks(const std::string& body) {
    std::size_t count = 0;
    for (auto at = body.find("cache_control"); at != std::string::npos;
         at = body.find("cache_control", at + 1)) {
      ++count;
    }
    return count;
  }
  void usage(std::uint64_t input, std::uint64_t read, std::uint64_t written) {
    usage_ = R"({"model":"claude-sonnet-5","usage":{"input_tokens":)" + std::to_string(input) +
             R"(,"cache_read_input_tokens":)" + std::to_string(read) +
             R"(,"cache_creation_input_tokens":)" + std::to_string(written) +
             R"(,"output_tokens":1}})";
  }
  [[nodiscard]] boost::json::value prefixes() const { return proxy_.admin("GET", "/api/prefixes"); }

  std::string usage_;
  FakeUpstream upstream_{[this](const Message&, Wire& wire) { wire.send(ok_response(usage_)); }};
  ProxyUnderTest proxy_{upstream_.url()};
};

TEST_F(PromptCache, MarksAHeadThatPromptsShare) {
  usage(10, 0, 5000);
  sent("one?");
  sent("two?");
  const auto third = sent("three?");
  EXPECT_GE(marks(third), 1u);
  EXPECT_LT(third.find("cache_control"), third.find("messages"));  // behind the head
}

TEST_F(PromptCache, MarksNothingInModeObserve) {
  usage(5000, 0, 0);
  for (const auto* question : {"one?", "two?", "three?"}) {
    EXPECT_EQ(sent(question, "X-Foreword-Mode: observe\r\n"), body(question));
  }
}

TEST_F(PromptCache, ChangesNothingButItsMarks) {
  usage(10, 0, 5000);
  sent("one?");
  auto second = sent("two?");
  const std::string mark = R"(,"cache_control":{"type":"ephemeral"})";
  for (auto at = second.find(mark); at != std::string::npos; at = second.find(mark)) {
    second.erase(at, mark.size());
  }
  EXPECT_EQ(second, body("two?"));
}

TEST_F(PromptCache, MarksNoMoreWhatTheProviderDoesNotCache) {
  usage(5000, 0, 0);
  for (int i = 0; i < 4; ++i) sent("again?");
  EXPECT_EQ(marks(sent("again?")), 0u);
  const auto known = prefixes();
  const auto& cache = known.at("caches").at(0);
  EXPECT_EQ(cache.at("model"), "claude-sonnet-5");
  EXPECT_GT(cache.at("not_cached_up_to_tokens").to_number<int>(), 1024);
}

TEST_F(PromptCache, RemembersWhatIsWarm) {
  usage(10, 0, 5000);
  sent("one?");
  sent("one?");
  EXPECT_GE(prefixes().at("prefixes").to_number<int>(), 2);
  EXPECT_GE(prefixes().at("warm").to_number<int>(), 1);
}

TEST_F(PromptCache, TakesNothingForWarmThatAnAnswerDidNotRead) {
  usage(10, 0, 5000);
  sent("one?");
  EXPECT_GE(prefixes().at("warm").to_number<int>(), 1);
  usage(5010, 0, 0);
  sent("one?");
  EXPECT_EQ(prefixes().at("warm").to_number<int>(), 0);
}

TEST_F(PromptCache, LetsOpenAiWriteNothingOnceManyPromptsSharedNothing) {
  usage_ = R"({"model":"gpt-6.2-sol","usage":{"prompt_tokens":5010,"completion_tokens":1,)"
           R"("prompt_tokens_details":{"cached_tokens":0,"cache_write_tokens":5000}}})";
  const auto sent_to_openai = [&](int number) {
    const auto system = std::to_string(number) + pattern(20'000);
    (void)ask(proxy_, post("/v1/chat/completions",
                           R"({"model":"gpt-6.2-sol","messages":[{"role":"system","content":")" +
                               system + R"("},{"role":"user","content":"?"}]})"));
    return upstream_.last_request().body;
  };
  const std::string breakpoint = "prompt_cache_breakpoint";
  EXPECT_NE(sent_to_openai(0).find(breakpoint), std::string::npos);
  for (int i = 1; i < 30; ++i) (void)sent_to_openai(i);
  const auto late = sent_to_openai(30);
  EXPECT_EQ(late.find(breakpoint), std::string::npos);
  EXPECT_NE(late.find(R"("prompt_cache_options":{"mode":"explicit"})"), std::string::npos);
}

TEST_F(PromptCache, KeepsTheLedgersRowOfWhatWasMarked) {
  usage(10, 5000, 0);
  for (const auto* question : {"one?", "two?"}) {
    (void)proxy_.row(ask(proxy_, post("/v1/messages", body(question))));
  }
  const auto page = proxy_.admin("GET", "/api/ledger?prefixes=1");
  const auto& rows = page.at("requests").as_array();
  ASSERT_EQ(rows.size(), 2u);
  const auto& first = rows[0].at("prefixes").as_array();
  const auto& second = rows[1].at("prefixes").as_array();
  ASSERT_EQ(first.size(), 2u);
  EXPECT_EQ(first[0], second[0]);  // the head
  EXPECT_NE(first[1], second[1]);
}

}  // namespace
}  // namespace foreword::test
