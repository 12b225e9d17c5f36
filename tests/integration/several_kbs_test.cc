// Several knowledge bases in one request: the same bytes whatever order they were named in.
#include <atomic>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "support/fake_upstream.h"
#include "support/proxy_under_test.h"
#include "support/signal.h"

namespace foreword::test {
namespace {

/// A knowledge base of one document inside a JSON string: its first, and here only, layer.
std::string layer(const std::string& source, const std::string& text) {
  return R"(<documents>\n<document index=\"1\">\n<source>)" + source +
         R"(</source>\n<document_content>\n)" + text +
         R"(\n</document_content>\n</document>\n</documents>\n)";
}

/// What stands in front with these two texts, in two parts between which a block ends.
std::string first_part(const std::string& text) {
  return R"(<knowledge_base_note>Several knowledge bases follow. A source names a document of the )"
         R"(knowledge base that it stands in, and what is superseded or removed in one is so in )"
         R"(that one only.</knowledge_base_note>\n<knowledge_base name=\"handbook\">\n)" +
         layer("README.md", text) + R"(</knowledge_base>\n)";
}
std::string second_part(const std::string& text) {
  return R"(<knowledge_base name=\"policies\">\n)" + layer("README.md", text) +
         R"(</knowledge_base>\n)";
}

class SeveralKbs : public testing::Test {
 protected:
  SeveralKbs() {
    proxy_.load_kb("policies", {{"README.md", "Be kind."}});
    proxy_.load_kb("handbook", {{"README.md", "Say \"yes\"."}});
  }

  /// What the upstream gets when the client sends `body`.
  std::string sent(const std::string& target, const std::string& body,
                   const std::string& headers = "") {
    const auto answer = ask(proxy_, post(target, body, headers));
    EXPECT_EQ(answer.status(), 200) << answer.body;
    return upstream_.last_request().body;
  }
  Message ask_for(const std::string& kbs) {
    return ask(proxy_, post("/kb/" + kbs + "/v1/messages", kQuestion));
  }

  const std::string kQuestion = R"({"model":"claude-sonnet-5-5","messages":[]})";
  const std::string kFirst = first_part(R"(Say \"yes\".)");
  const std::string kSecond = second_part("Be kind.");
  FakeUpstream upstream_{[](const Message&, Wire& wire) {
    wire.send(ok_response(R"({"model":"claude-sonnet-5-5","usage":{"input_tokens":500,)"
                          R"("output_tokens":1}})"));
  }};
  ProxyUnderTest proxy_{upstream_.url()};
};

// --- what is sent -------------------------------------------------------------------------------

TEST_F(SeveralKbs, BecomeTheFirstSystemBlocksEachWithABreakpoint) {
  EXPECT_EQ(sent("/kb/handbook+policies/v1/messages", R"({"system":"S","messages":[]})"),
            R"({"system":[{"type":"text","text":")" + kFirst +
                R"(","cache_control":{"type":"ephemeral"}},{"type":"text","text":")" + kSecond +
                R"(","cache_control":{"type":"ephemeral"}},{"type":"text","text":"S"}],)"
                R"("messages":[]})");
}

TEST_F(SeveralKbs, LeadTheMessagesOfAChat) {
  const std::string rest = R"("messages":[{"role":"system","content":[{"type":"text","text":")" +
                           kFirst + R"("},{"type":"text","text":")" + kSecond +
                           R"("}]},{"role":"user","content":"q"}]})";
  const auto body = sent("/kb/handbook+policies/v1/chat/completions",
                         R"({"messages":[{"role":"user","content":"q"}]})");
  const std::string key = R"({"prompt_cache_key":"foreword-)";
  EXPECT_TRUE(body.starts_with(key)) << body;
  EXPECT_EQ(body.substr(key.size() + 32 + 2), rest);
}

TEST_F(SeveralKbs, CarryExplicitBreakpointsWhereTheModelKnowsThem) {
  const std::string mark = R"(","prompt_cache_breakpoint":{"mode":"explicit"}})";
  EXPECT_EQ(sent("/kb/handbook+policies/v1/responses",
                 R"({"model":"gpt-5.6-terra","input":"q","prompt_cache_key":"mine"})"),
            R"({"model":"gpt-5.6-terra","input":[{"role":"developer","content":)"
            R"([{"type":"input_text","text":")" +
                kFirst + mark + R"(,{"type":"input_text","text":")" + kSecond + mark +
                R"(]},{"role":"user","content":"q"}],"prompt_cache_key":"mine"})");
}

TEST_F(SeveralKbs, BecomeTheFirstPartsOfASystemInstruction) {
  EXPECT_EQ(sent("/kb/handbook+policies/v1beta/models/gemini-3.8-flash:generateContent",
                 R"({"contents":[],"system_instruction":{"parts":[{"text":"a"}]}})"),
            R"({"contents":[],"system_instruction":{"parts":[{"text":")" + kFirst +
                R"("},{"text":")" + kSecond + R"("},{"text":"a"}]}})");
}

TEST_F(SeveralKbs, LeaveEachOfThemAsItIsByItself) {
  EXPECT_EQ(sent("/kb/handbook/v1/messages", R"({"messages":[]})"),
            R"({"system":[{"type":"text","text":")" + layer("README.md", R"(Say \"yes\".)") +
                R"(","cache_control":{"type":"ephemeral"}}],"messages":[]})");
}

// --- how they are named -------------------------------------------------------------------------

TEST_F(SeveralKbs, AreTheSameBytesHoweverTheyAreNamed) {
  const auto body = sent("/kb/handbook+policies/v1/messages", kQuestion);
  EXPECT_EQ(sent("/kb/policies+handbook/v1/messages", kQuestion), body);
  EXPECT_EQ(sent("/kb/policies%2Bhandbook+policies/v1/messages", kQuestion), body);
  EXPECT_EQ(sent("/v1/messages", kQuestion, "X-Foreword-KB: policies+handbook\r\n"), body);
  proxy_.restart(
      [](proxy::ServerOptions& options) { options.settings.proxy.kb = "policies+handbook"; });
  EXPECT_EQ(sent("/v1/messages", kQuestion), body);
}

TEST_F(SeveralKbs, OfALabelAllGoIn) {
  const auto body = sent("/kb/handbook+policies/v1/messages", kQuestion);
  proxy_.restart([](proxy::ServerOptions& options) {
    for (const auto* name : {"handbook", "policies"}) {
      config::KbSettings kb;
      kb.name = name;
      kb.attach_to = {"label:support"};
      options.settings.kbs.push_back(kb);
    }
  });
  EXPECT_EQ(sent("/v1/messages", kQuestion, "X-Foreword-Label: support\r\n"), body);
}

TEST_F(SeveralKbs, OfWhichOneIsNotLoadedAreRefusedWithItsName) {
  const auto answer = ask_for("handbook+missing+policies");
  EXPECT_EQ(answer.status(), 404);
  EXPECT_EQ(answer.field("x-foreword-error"), "unknown_kb");
  EXPECT_NE(answer.body.find("there is no knowledge base 'missing'"), std::string::npos)
      << answer.body;
}

TEST_F(SeveralKbs, OfWhichOneIsRemovedAreRefusedFromThenOn) {
  EXPECT_EQ(ask_for("handbook+policies").status(), 200);
  proxy_.admin("DELETE", "/api/kbs/policies");
  EXPECT_EQ(ask_for("handbook+policies").status(), 404);
  EXPECT_EQ(ask_for("handbook").status(), 200);
}

TEST_F(SeveralKbs, TooManyForOneRequestAreRefusedWithTheNumbers) {
  const auto answer = ask_for("a+b+c+d+e+f+g+h+i");
  EXPECT_EQ(answer.status(), 400);
  EXPECT_NE(answer.body.find("names 9 knowledge bases, and may have 8"), std::string::npos)
      << answer.body;
}

TEST_F(SeveralKbs, TooLargeTogetherForTheModelsWindowAreRefused) {
  for (const auto* name : {"long", "longer"}) {
    proxy_.load_kb(name, {{"a.txt", std::string(400'000, 'a') + "\n"}});
  }
  const std::string body = R"({"model":"gpt-4o","messages":[]})";
  EXPECT_EQ(ask(proxy_, post("/kb/long/v1/chat/completions", body)).status(), 200);
  const auto answer = ask(proxy_, post("/kb/long+longer/v1/chat/completions", body));
  EXPECT_EQ(answer.field("x-foreword-error"), "kb_too_large");
  EXPECT_NE(answer.body.find("'long+longer'"), std::string::npos) << answer.body;
}

// --- what is remembered -------------------------------------------------------------------------

TEST_F(SeveralKbs, AreOneNameInTheLedger) {
  const auto row = proxy_.row(ask_for("policies+handbook"));
  const auto version = [&](const std::string& name) {
    return boost::json::value_to<std::string>(
        proxy_.admin("GET", "/api/kbs/" + name).at("version"));
  };
  EXPECT_EQ(row.at("kb"), "handbook+policies");
  EXPECT_EQ(row.at("kb_version"),
            boost::json::string(version("handbook") + "+" + version("policies")));
  const auto savings = proxy_.admin("GET", "/api/savings?by=kb");
  EXPECT_TRUE(savings.at("groups").as_object().contains("handbook+policies"))
      << boost::json::serialize(savings);
}

// --- updates ------------------------------------------------------------------------------------

TEST_F(SeveralKbs, AreUpdatedForTheNextRequest) {
  sent("/kb/handbook+policies/v1/messages", kQuestion);
  proxy_.load_kb("notes", {{"n.md", "Unconcerned."}});
  proxy_.admin("DELETE", "/api/kbs/policies");
  proxy_.load_kb("policies", {{"README.md", "Be strict."}});
  EXPECT_NE(sent("/kb/handbook+policies/v1/messages", kQuestion).find(second_part("Be strict.")),
            std::string::npos);
}

TEST_F(SeveralKbs, AreKeptByARequestThatIsUnderWay) {
  auto wire = proxy_.connect();
  const auto request =
      post("/kb/handbook+policies/v1/messages", kQuestion, "Expect: 100-continue\r\n");
  const auto body_begins = request.size() - kQuestion.size();
  wire.send(request.substr(0, body_begins));
  // The invitation comes when the knowledge bases have been found.
  EXPECT_EQ(wire.read_until("\r\n\r\n").substr(0, 12), "HTTP/1.1 100");
  proxy_.admin("DELETE", "/api/kbs/policies");
  wire.send(request.substr(body_begins));
  EXPECT_EQ(read_message(wire, true).status(), 200);
  EXPECT_NE(upstream_.last_request().body.find(kSecond), std::string::npos);
}

TEST_F(SeveralKbs, AreOneVersionOrTheOtherWhileTheyAreUpdated) {
  constexpr std::size_t kUpdates = 20;
  const std::vector<std::string> texts = {"Be kind.", "Be strict."};
  proxy_.restart([](proxy::ServerOptions& options) {
    config::KbSettings exact;  // the same text is then the same bytes
    exact.name = "policies";
    exact.layout = config::KbLayout::exact;
    options.settings.kbs = {exact};
  });
  std::atomic<bool> done{false};
  std::thread updates([&] {
    for (std::size_t i = 0; i < kUpdates; ++i) {
      proxy_.load_kb("policies", {{"README.md", texts[(i + 1) % 2]}});
    }
    done = true;
  });
  std::set<std::string> seen;
  do {
    seen.insert(sent("/kb/handbook+policies/v1/messages", kQuestion));
  } while (!done);
  updates.join();
  for (const auto& body : seen) {
    const bool is_either = body.find(kFirst + R"(")") != std::string::npos &&
                           (body.find(second_part(texts[0]) + R"(")") != std::string::npos ||
                            body.find(second_part(texts[1]) + R"(")") != std::string::npos);
    EXPECT_TRUE(is_either) << body;
  }
}

}  // namespace
}  // namespace foreword::test
