#include "proxy/failure.h"

#include <gtest/gtest.h>

namespace foreword::proxy {
namespace {

using config::Provider;

std::string body(Provider provider) {
  const auto text =
      render_failure(Failure(FailureCode::unknown_kb, "say \"x\""), provider, "ab12", true);
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

TEST(Failure, TellsSdksNotToRetryWhatCannotHelp) {
  const auto head = [](FailureCode code) {
    return render_failure(Failure(code, "m"), Provider::openai, "id", false);
  };
  EXPECT_NE(head(FailureCode::body_too_large).find("x-should-retry: false\r\n"), std::string::npos);
  EXPECT_EQ(head(FailureCode::upstream_unreachable).find("x-should-retry"), std::string::npos);
}

TEST(Failure, IsAWholeResponse) {
  const auto text =
      render_failure(Failure(FailureCode::upstream_timeout, "m"), Provider::gemini, "id", false);
  EXPECT_TRUE(text.starts_with("HTTP/1.1 504 Gateway Timeout\r\n"));
  EXPECT_NE(text.find("X-Foreword-Error: upstream_timeout\r\n"), std::string::npos);
  EXPECT_NE(text.find("X-Foreword-Request: id\r\n"), std::string::npos);
  EXPECT_NE(text.find("Connection: close\r\n"), std::string::npos);
}

}  // namespace
}  // namespace foreword::proxy
