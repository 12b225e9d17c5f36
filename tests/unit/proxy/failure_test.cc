#include "proxy/failure.h"

#include <gtest/gtest.h>

namespace foreword::proxy {
namespace {

using config::Provider;

std::string body(Provider provider) {
  FailureResponse form;
  form.provider = provider;
  form.request_id = "ab12";
  form.keep_alive_seconds = 75;
  const auto text = render_failure(Failure(FailureCode::unknown_kb, "say \"x\""), form);
  return text.substr(text.find("\r\n\r\n") + 4);
}

TEST(Failure, HasTheShapeOfTheProviderThatWasCalled) {
  EXPECT_EQ(body(Provider::anthropic),
            R"({"type":"error","error":{"type":"not_found_error","message":"say \"x\""},)"
            R"("request_id":"ab12"})");
  EXPECT_EQ(body(Provider::openai),
            R"({"error":{"message":"say \"x\"","type":"invalid_request_error","param":null,)"
            R"("code":"unknown_kb"}})");
  EXPECT_EQ(body(Provider::gemini),
            R"({"error":{"code":404,"message":"say \"x\"","status":"NOT_FOUND"}})");
}

std::string head(FailureCode code, Provider provider, std::uint64_t keep_alive_seconds = 0) {
  FailureResponse form;
  form.provider = provider;
  form.request_id = "id";
  form.keep_alive_seconds = keep_alive_seconds;
  form.with_body = false;
  return render_failure(Failure(code, "m"), form);
}

TEST(Failure, TellsSdksNotToRetryWhatCannotHelp) {
  EXPECT_NE(head(FailureCode::body_too_large, Provider::openai).find("x-should-retry: false\r\n"),
            std::string::npos);
  EXPECT_EQ(head(FailureCode::upstream_unreachable, Provider::openai).find("x-should-retry"),
            std::string::npos);
}

TEST(Failure, IsAWholeResponse) {
  const auto text = head(FailureCode::upstream_timeout, Provider::gemini);
  EXPECT_TRUE(text.starts_with("HTTP/1.1 504 Gateway Timeout\r\n"));
  EXPECT_NE(text.find("X-Foreword-Error: upstream_timeout\r\n"), std::string::npos);
  EXPECT_NE(text.find("X-Foreword-Request: id\r\n"), std::string::npos);
  EXPECT_NE(text.find("Connection: close\r\n"), std::string::npos);
  EXPECT_TRUE(text.ends_with("\r\n\r\n")) << "an answer to HEAD has no body";
}

TEST(Failure, AnnouncesHowLongTheConnectionIsKept) {
  const auto text = head(FailureCode::unknown_kb, Provider::openai, 75);
  EXPECT_NE(text.find("Keep-Alive: timeout=75\r\n"), std::string::npos);
  EXPECT_EQ(text.find("Connection: close"), std::string::npos);
}

TEST(Failure, OfALimitOfOursHasTheProvidersOwnStatusAndSaysWhenToRetry) {
  EXPECT_TRUE(head(FailureCode::overloaded, Provider::anthropic).starts_with("HTTP/1.1 529 "));
  for (const auto provider : {Provider::openai, Provider::gemini}) {
    EXPECT_TRUE(head(FailureCode::overloaded, provider).starts_with("HTTP/1.1 503 "));
  }
  EXPECT_NE(head(FailureCode::overloaded, Provider::openai).find("Retry-After: 1\r\n"),
            std::string::npos);
}

}  // namespace
}  // namespace foreword::proxy
