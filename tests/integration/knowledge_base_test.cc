// With a knowledge base, the upstream's body is the client's plus exactly the inserted ranges.
#include <string>
#include <tuple>
#include <vector>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "support/fake_upstream.h"
#include "support/proxy_under_test.h"

namespace foreword::test {
namespace {

const std::vector<std::pair<std::string, std::string>> kDocuments = {
    {"guide.md", "# Guide\n\nSay \"yes\" \\ no.\n"}, {"b/notes.txt", "Tab\there.\nÄ 😀\n"}};

/// How kDocuments read inside a JSON string.
const std::string kEscaped =
    R"(<documents>\n<document index=\"1\">\n<source>b/notes.txt</source>\n<document_content>\n)"
    R"(Tab\there.\nÄ 😀\n</document_content>\n</document>\n)"
    R"(<document index=\"2\">\n<source>guide.md</source>\n<document_content>\n)"
    R"(# Guide\n\nSay \"yes\" \\ no.\n</document_content>\n</document>\n</documents>\n)";

class KnowledgeBase : public testing::Test {
 protected:
  KnowledgeBase() { proxy_.load_kb("docs", kDocuments); }

  /// What the upstream gets when the client sends `body`.
  std::string sent(const std::string& target, const std::string& body,
                   const std::string& headers = "") {
    EXPECT_EQ(ask(proxy_, post(target, body, headers)).status(), 200);
    return upstream_.last_request().body;
  }
  static std::string key_of(const ProxyUnderTest& proxy, const std::string& kb = "docs") {
    const auto layers = proxy.admin("GET", "/api/kbs/" + kb).at("layers");
    return "foreword-" + boost::json::value_to<std::string>(layers.at(0).at("hash"));
  }

  FakeUpstream upstream_{[](const Message&, Wire& wire) { wire.send(ok_response("{}")); }};
  ProxyUnderTest proxy_{upstream_.url()};
};

TEST_F(KnowledgeBase, BecomesTheFirstSystemBlocksWithABreakpoint) {
  EXPECT_EQ(sent("/kb/docs/v1/messages",
                 R"({"model":"claude-sonnet-5-5","system":[{"type":"text","text":"a"}]})"),
            R"({"model":"claude-sonnet-5-5","system":[{"type":"text","text":")" + kEscaped +
                R"(","cache_control":{"type":"ephemeral"}},{"type":"text","text":"a"}]})");
}

TEST_F(KnowledgeBase, LeadsTheMessagesOfAChat) {
  EXPECT_EQ(
      sent("/kb/docs/v1/chat/completions",
           R"({"model":"gpt-4.1","messages":[{"role":"user","content":"q"}]})"),
      R"({"prompt_cache_key":")" + key_of(proxy_) +
          R"(","model":"gpt-4.1","messages":[{"role":"system","content":[{"type":"text","text":")" +
          kEscaped + R"("}]},{"role":"user","content":"q"}]})");
}

TEST_F(KnowledgeBase, CarriesAnExplicitBreakpointWhereTheModelKnowsThem) {
  EXPECT_EQ(sent("/kb/docs/v1/responses",
                 R"({"model":"gpt-5.6-terra","input":"q","prompt_cache_key":"mine"})"),
            R"({"model":"gpt-5.6-terra","input":[{"role":"developer",)"
            R"("content":[{"type":"input_text","text":")" +
                kEscaped +
                R"(","prompt_cache_breakpoint":{"mode":"explicit"}}]},{"role":"user",)"
                R"("content":"q"}],"prompt_cache_key":"mine"})");
}

TEST_F(KnowledgeBase, BecomesTheFirstPartsOfASystemInstruction) {
  EXPECT_EQ(sent("/kb/docs/v1beta/models/gemini-3.8-flash:generateContent",
                 R"({"contents":[],"system_instruction":{"parts":[{"text":"a"}]}})"),
            R"({"contents":[],"system_instruction":{"parts":[{"text":")" + kEscaped +
                R"("},{"text":"a"}]}})");
}

TEST_F(KnowledgeBase, IsCountedWithThePromptAtNoCost) {
  EXPECT_EQ(sent("/kb/docs/v1/messages/count_tokens", R"({"model":"m","messages":[]})"),
            R"({"system":[{"type":"text","text":")" + kEscaped +
                R"(","cache_control":{"type":"ephemeral"}}],"model":"m","messages":[]})");
  EXPECT_TRUE(proxy_.admin("GET", "/api/requests").at("requests").as_array().empty());
}

TEST_F(KnowledgeBase, IsAttachedByHeaderAndDetachedByNone) {
  const std::string body = R"({"model":"claude-sonnet-5-5","messages":[]})";
  EXPECT_NE(sent("/v1/messages", body, "X-Foreword-KB: docs\r\n"), body);
  EXPECT_EQ(sent("/kb/docs/v1/messages", body, "X-Foreword-KB: none\r\n"), body);
}

TEST_F(KnowledgeBase, StaysOutInModesOffAndObserve) {
  const std::string body = R"({"model":"claude-sonnet-5-5","messages":[]})";
  for (const auto* mode : {"off", "observe"}) {
    EXPECT_EQ(sent("/kb/docs/v1/messages", body, std::string("X-Foreword-Mode: ") + mode + "\r\n"),
              body);
  }
}

TEST_F(KnowledgeBase, GoesInWholeAtEverySize) {
  for (const std::size_t size : {1u, 1000u, 65'536u, 1u << 20, 8u << 20}) {
    const auto text = std::string(size, 'q');
    const auto front = std::string(R"({"model":"m","messages":[{"role":"user","content":")");
    const auto body = front + text + R"("}]})";
    const auto expected = R"({"system":[{"type":"text","text":")" + kEscaped +
                          R"(","cache_control":{"type":"ephemeral"}}],)" + body.substr(1);
    EXPECT_TRUE(sent("/kb/docs/v1/messages", body) == expected) << size;
  }
}

TEST_F(KnowledgeBase, SendsTheSameBytesFromTwoStores) {
  ProxyUnderTest other(upstream_.url());
  other.load_kb("another-name", {kDocuments[1], kDocuments[0]});
  const std::string body = R"({"model":"gpt-5.6-sol","messages":[]})";
  const auto here = sent("/kb/docs/v1/chat/completions", body);
  ask(other, post("/kb/another-name/v1/chat/completions", body));
  EXPECT_EQ(upstream_.last_request().body, here);
  other.stop();
}

TEST_F(KnowledgeBase, IsThereAfterARestart) {
  const std::string body = R"({"model":"claude-sonnet-5-5","messages":[]})";
  const auto before = sent("/kb/docs/v1/messages", body);
  proxy_.restart();
  EXPECT_EQ(sent("/kb/docs/v1/messages", body), before);
}

TEST_F(KnowledgeBase, LoadedAgainUnchangedSaysSo) {
  boost::json::array list;
  for (const auto& [path, text] : kDocuments) list.push_back({{"path", path}, {"text", text}});
  const auto body = boost::json::serialize(boost::json::object{{"documents", list}});
  EXPECT_FALSE(proxy_.admin("PUT", "/api/kbs/docs", body).at("changed").as_bool());
}

/// A handbook whose pages are long beside an edit.
class UpdatedKnowledgeBase : public KnowledgeBase {
 protected:
  using Documents = std::vector<std::pair<std::string, std::string>>;

  UpdatedKnowledgeBase() { proxy_.load_kb("book", documents_); }

  void edit(std::size_t document, const std::string& section) {
    documents_[document].second = "# Long\n" + std::string(20'000, 'x') + "\n# Short\n" + section;
    proxy_.load_kb("book", documents_);
  }
  /// The texts of the blocks that are put in front.
  std::vector<std::string> blocks() {
    const auto body = boost::json::parse(
        sent("/kb/book/v1/messages", R"({"model":"claude-sonnet-5-5","messages":[]})"));
    std::vector<std::string> texts;
    for (const auto& block : body.at("system").as_array()) {
      EXPECT_TRUE(block.as_object().contains("cache_control"));
      texts.push_back(boost::json::value_to<std::string>(block.at("text")));
    }
    return texts;
  }

  static std::string page() { return "# Long\n" + std::string(20'000, 'x') + "\n# Short\nold\n"; }
  Documents documents_{{"a.md", page()}, {"b.md", page()}, {"c.md", page()}};
};

TEST_F(UpdatedKnowledgeBase, LeavesTheFirstLayerWarmAndSaysWhatChangedBehindIt) {
  const auto before = blocks();
  edit(1, "new\n");
  const auto after = blocks();
  ASSERT_EQ(before.size(), 1u);
  ASSERT_EQ(after.size(), 2u);
  EXPECT_EQ(after[0], before[0]);
  EXPECT_LT(after[1].size(), 1000u);
  EXPECT_NE(after[1].find("# Short\nnew\n"), std::string::npos) << after[1];
}

TEST_F(UpdatedKnowledgeBase, KeepsTheKeyThatRoutesToWhereItsFirstLayerIsWarm) {
  const auto before = key_of(proxy_, "book");
  edit(1, "new\n");
  EXPECT_EQ(key_of(proxy_, "book"), before);
  EXPECT_NE(sent("/kb/book/v1/chat/completions", R"({"model":"gpt-4.1","messages":[]})")
                .find(R"({"prompt_cache_key":")" + before),
            std::string::npos);
}

TEST_F(UpdatedKnowledgeBase, SaysHowMuchCachesWriteAgain) {
  documents_[1].second += "# More\n";
  boost::json::array list;
  for (const auto& [path, text] : documents_) list.push_back({{"path", path}, {"text", text}});
  const auto body = boost::json::serialize(boost::json::object{{"documents", list}});
  const auto answer = proxy_.admin("PUT", "/api/kbs/book", body);
  const auto rewritten = answer.at("rewritten_bytes").to_number<std::uint64_t>();
  EXPECT_EQ(rewritten, answer.at("layers").at(1).at("text_bytes").to_number<std::uint64_t>());
}

TEST_F(UpdatedKnowledgeBase, GoesOnAfterARestartAsWithoutOne) {
  ProxyUnderTest other(upstream_.url());
  other.load_kb("book", documents_);
  edit(1, "one\n");
  other.load_kb("book", documents_);
  proxy_.restart();
  edit(2, "two\n");
  other.load_kb("book", documents_);
  EXPECT_EQ(proxy_.admin("GET", "/api/kbs/book").at("version"),
            other.admin("GET", "/api/kbs/book").at("version"));
  other.stop();
}

TEST_F(KnowledgeBase, WithADocumentThatIsNotUtf8KeepsTheOldVersion) {
  const auto before = proxy_.admin("GET", "/api/kbs/docs").at("version");
  int status = 0;
  const auto answer = proxy_.admin("PUT", "/api/kbs/docs",
                                   "{\"documents\":[{\"path\":\"x\",\"text\":\"\xff\"}]}", &status);
  EXPECT_EQ(status, 400) << answer;
  EXPECT_EQ(proxy_.admin("GET", "/api/kbs/docs").at("version"), before);
}

TEST_F(KnowledgeBase, RemovedIsGoneForRequestsToo) {
  proxy_.admin("DELETE", "/api/kbs/docs");
  EXPECT_EQ(ask(proxy_, post("/kb/docs/v1/messages", "{}")).status(), 404);
}

TEST_F(KnowledgeBase, TooLargeForTheModelsWindowIsRefusedWithTheNumbers) {
  proxy_.load_kb("huge", {{"a.txt", std::string(2'000'000, 'a') + "\n"}});
  const auto answer =
      ask(proxy_, post("/kb/huge/v1/chat/completions", R"({"model":"gpt-4o","messages":[]})"));
  EXPECT_EQ(answer.status(), 400);
  EXPECT_EQ(answer.field("x-foreword-error"), "kb_too_large");
  EXPECT_NE(answer.body.find("128000"), std::string::npos) << answer.body;
}

TEST_F(KnowledgeBase, IsNotInsertedTwiceIntoAStoredConversation) {
  const std::string body = R"({"model":"gpt-5.6-sol","input":"q","previous_response_id":"resp_1"})";
  const auto answer = ask(proxy_, post("/kb/docs/v1/responses", body));
  EXPECT_EQ(upstream_.last_request().body, body);
  EXPECT_EQ(proxy_.row(answer).at("placement").as_string(), "skipped_continuation");
}

}  // namespace
}  // namespace foreword::test
