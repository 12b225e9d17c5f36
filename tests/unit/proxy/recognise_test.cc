#include "proxy/recognise.h"

#include <string>

#include <gtest/gtest.h>

namespace foreword::proxy {
namespace {

using config::Operation;
using config::Provider;

class Recognise : public testing::Test {
 protected:
  Recognise() {
    add("anthropic", Provider::anthropic);
    add("openai", Provider::openai);
    add("gemini", Provider::gemini);
    add("vllm", Provider::openai);
  }
  void add(const char* name, Provider provider) {
    config::UpstreamSettings upstream;
    upstream.name = name;
    upstream.provider = provider;
    settings_.upstreams.push_back(upstream);
  }
  /// "upstream operation target", or the failure's name.
  std::string recognised(std::string_view target, Fields fields = {},
                         std::string_view method = "POST") {
    RequestHead head;
    head.method = method;
    head.target = target;
    head.fields = std::move(fields);
    call_ = Call();
    if (const auto failure = recognise(head, settings_, call_)) {
      return std::string(name_of(failure->code));
    }
    return call_.upstream->name + " " + std::string(config::name_of(call_.operation)) + " " +
           call_.target;
  }

  config::Settings settings_;
  Call call_;
};

TEST_F(Recognise, PromptOperationsByTheirPaths) {
  EXPECT_EQ(recognised("/v1/messages"), "anthropic messages /v1/messages");
  EXPECT_EQ(recognised("/v1/messages?beta=true"), "anthropic messages /v1/messages?beta=true");
  EXPECT_EQ(recognised("/v1/chat/completions"), "openai chat_completions /v1/chat/completions");
  EXPECT_EQ(recognised("/v1/responses"), "openai responses /v1/responses");
  for (const std::string version : {"v1", "v1beta"}) {
    const auto path = "/" + version + "/models/gemini-3.8-flash:generateContent";
    EXPECT_EQ(recognised(path), "gemini generate_content " + path);
  }
}

TEST_F(Recognise, GeminisModelAndStreamInThePath) {
  recognised("/v1beta/models/gemini-3.8-flash:streamGenerateContent?alt=sse");
  EXPECT_EQ(call_.path_model, "gemini-3.8-flash");
  EXPECT_TRUE(call_.path_stream);
  recognised("/v1beta/models/tuned:x:generateContent");
  EXPECT_EQ(call_.path_model, "tuned:x");
  EXPECT_FALSE(call_.path_stream);
}

TEST_F(Recognise, WhatIsOnlyCountedAsAPromptWhereAKnowledgeBaseIsCountedWithIt) {
  EXPECT_EQ(recognised("/v1/messages/count_tokens"),
            "anthropic messages /v1/messages/count_tokens");
  EXPECT_TRUE(call_.only_counts);
  EXPECT_FALSE(call_.reads_prompt());
  recognised("/kb/docs/v1/messages/count_tokens");
  EXPECT_TRUE(call_.reads_prompt());
}

TEST_F(Recognise, EverythingElseAsOther) {
  EXPECT_EQ(recognised("/v1/messages", {}, "GET"), "anthropic other /v1/messages");
  EXPECT_EQ(recognised("/v1/responses/resp_1/cancel"), "openai other /v1/responses/resp_1/cancel");
  EXPECT_EQ(recognised("/v1beta/models/m:countTokens"),
            "gemini other /v1beta/models/m:countTokens");
  EXPECT_EQ(recognised("/v1beta/openai/chat/completions"),
            "gemini other /v1beta/openai/chat/completions");
  EXPECT_EQ(recognised("/"), "openai other /");
}

TEST_F(Recognise, CollidingPathsByTheirHeaders) {
  EXPECT_EQ(recognised("/v1/models", {{"Anthropic-Version", "2026-10-21"}}, "GET"),
            "anthropic other /v1/models");
  EXPECT_EQ(recognised("/v1/models", {{"x-goog-api-key", "k"}}, "GET"), "gemini other /v1/models");
  EXPECT_EQ(recognised("/v1/models?pageSize=1&key=k", {}, "GET"),
            "gemini other /v1/models?pageSize=1&key=k");
  EXPECT_EQ(recognised("/v1/models", {{"Authorization", "Bearer k"}}, "GET"),
            "openai other /v1/models");
}

TEST_F(Recognise, AnUpstreamNamedInFrontOfThePath) {
  EXPECT_EQ(recognised("/anthropic/v1/models"), "anthropic other /v1/models");
  EXPECT_EQ(recognised("/vllm/v1/chat/completions"), "vllm chat_completions /v1/chat/completions");
  EXPECT_EQ(recognised("/gemini/v1/messages"), "gemini other /v1/messages");
}

TEST_F(Recognise, AKnowledgeBaseInFrontOfAnyOfThose) {
  EXPECT_EQ(recognised("/kb/handbook/v1/messages"), "anthropic messages /v1/messages");
  EXPECT_EQ(call_.kb, "handbook");
  EXPECT_EQ(recognised("/kb/handbook/openai/v1/responses"), "openai responses /v1/responses");
  EXPECT_EQ(recognised("/openai/kb/handbook/v1/responses"), "openai responses /v1/responses");
  EXPECT_EQ(call_.kb, "handbook");
}

TEST_F(Recognise, TheHeaderBeforeThePathBeforeTheSettings) {
  settings_.proxy.kb = "default";
  recognised("/v1/messages");
  EXPECT_EQ(call_.kb, "default");
  recognised("/kb/path/v1/messages");
  EXPECT_EQ(call_.kb, "path");
  recognised("/kb/path/v1/messages", {{"X-Foreword-KB", "header"}});
  EXPECT_EQ(call_.kb, "header");
  recognised("/kb/path/v1/messages", {{"X-Foreword-KB", "none"}});
  EXPECT_EQ(call_.kb, "");
}

TEST_F(Recognise, SeveralKnowledgeBasesInTheOneOrder) {
  for (const std::string names : {"handbook+policies", "policies+handbook", "policies%2Bhandbook",
                                  "policies%2bhandbook+policies"}) {
    EXPECT_EQ(recognised("/kb/" + names + "/v1/messages"), "anthropic messages /v1/messages");
    EXPECT_EQ(call_.kb, "handbook+policies") << names;
  }
  recognised("/v1/messages", {{"X-Foreword-KB", "b+a"}});
  EXPECT_EQ(call_.kb, "a+b");
  settings_.proxy.kb = "d+c";
  recognised("/v1/messages");
  EXPECT_EQ(call_.kb, "c+d");
}

TEST_F(Recognise, OneKnowledgeBaseThatIsNamedTwice) {
  recognised("/kb/handbook+handbook/v1/messages");
  EXPECT_EQ(call_.kb, "handbook");
}

TEST_F(Recognise, NoLabelOfForewordsOwnRequests) {
  EXPECT_EQ(recognised("/v1/messages", {{"X-Foreword-Label", "foreword/keep-warm"}}),
            name_of(FailureCode::bad_request));
  recognised("/v1/messages", {{"X-Foreword-Label", "forewords"}});
  EXPECT_EQ(call_.label, "forewords");
}

TEST_F(Recognise, KnowledgeBasesOfALabelWhenTheRequestNamesNone) {
  settings_.proxy.kb = "default";
  for (const auto* name : {"handbook", "policies"}) {
    config::KbSettings kb;
    kb.name = name;
    kb.attach_to = {"label:support"};
    settings_.kbs.push_back(kb);
  }
  recognised("/v1/messages", {{"X-Foreword-Label", "support"}});
  EXPECT_EQ(call_.kb, "handbook+policies");
  recognised("/v1/messages", {{"X-Foreword-Label", "sales"}});
  EXPECT_EQ(call_.kb, "default");
  recognised("/kb/path/v1/messages", {{"X-Foreword-Label", "support"}});
  EXPECT_EQ(call_.kb, "path");
  recognised("/v1/messages", {{"X-Foreword-Label", "support"}, {"X-Foreword-KB", "none"}});
  EXPECT_EQ(call_.kb, "");
}

TEST_F(Recognise, AsManyKnowledgeBasesAsARequestMayHave) {
  std::string names = "kb1";
  for (std::size_t i = 2; i <= config::limits::kMaxKbsPerRequest; ++i) {
    names += "+kb" + std::to_string(i);
  }
  EXPECT_EQ(recognised("/kb/" + names + "/v1/messages"), "anthropic messages /v1/messages");
  EXPECT_EQ(recognised("/kb/" + names + "+one-more/v1/messages"), "bad_request");
}

TEST_F(Recognise, BaseUrlsWithAndWithoutTheVersion) {
  EXPECT_EQ(recognised("/anthropic/messages"), "anthropic messages /v1/messages");
  EXPECT_EQ(recognised("/openai/chat/completions"), "openai chat_completions /v1/chat/completions");
}

TEST_F(Recognise, BaseUrlsThatArePutTogetherWithASlip) {
  for (const std::string path : {"//v1/messages", "/v1/messages/", "/v1/v1/messages",
                                 "/anthropic//v1/messages", "/anthropic/v1/v1/messages"}) {
    EXPECT_EQ(recognised(path), "anthropic messages /v1/messages") << path;
  }
  EXPECT_EQ(recognised("/openai/v1/v1/responses"), "openai responses /v1/responses");
  EXPECT_EQ(recognised("/v1/files//a/", {{"anthropic-version", "x"}}, "GET"),
            "anthropic other /v1/files//a/")
      << "what is no prompt stays as it came";
}

TEST_F(Recognise, GeminisOtherPathsOfModels) {
  for (const std::string path :
       {"/v1beta/tunedModels/x:generateContent", "/v1/publishers/google/models/x:generateContent",
        "/v1beta/models/x%3AgenerateContent"}) {
    EXPECT_EQ(recognised(path), "gemini generate_content " + path);
    EXPECT_EQ(call_.path_model, "x");
  }
}

TEST_F(Recognise, AbsoluteTargetsByTheirPath) {
  EXPECT_EQ(recognised("http://proxy:8787?beta=1"), "openai other /?beta=1");
  EXPECT_EQ(recognised("http://proxy:8787/v1/messages"), "anthropic messages /v1/messages");
}

TEST_F(Recognise, NamesThatAreNone) {
  EXPECT_EQ(recognised("/kb/..%2f/v1/messages"), "unknown_kb");
  EXPECT_EQ(recognised("/kb//v1/messages"), "unknown_kb");
  EXPECT_EQ(recognised("/kb/a+/v1/messages"), "unknown_kb");
  EXPECT_EQ(recognised("/kb/a+none/v1/messages"), "unknown_kb");
  EXPECT_EQ(recognised("/v1/messages", {{"X-Foreword-Mode", "fast"}}), "bad_request");
}

TEST_F(Recognise, ModesThatAreAskedFor) {
  recognised("/v1/messages", {{"x-foreword-mode", "off"}});
  EXPECT_FALSE(call_.reads_prompt());
  recognised("/v1/messages", {{"x-foreword-mode", "observe"}});
  EXPECT_TRUE(call_.reads_prompt());
}

}  // namespace
}  // namespace foreword::proxy
