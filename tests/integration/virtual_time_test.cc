// The clock of `foreword serve --virtual-time` over the admin API.
#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "proxy/virtual_clock.h"
#include "support/proxy_under_test.h"

namespace foreword::test {
namespace {

constexpr const char* kNowhere = "http://127.0.0.1:9";

class VirtualTime : public testing::Test {
 protected:
  proxy::VirtualClock clock_;
  ProxyUnderTest proxy_{kNowhere,
                        [this](proxy::ServerOptions& options) { options.virtual_clock = &clock_; }};
};

TEST_F(VirtualTime, TheProxysClockMovesWhenItIsTold) {
  const auto moved = proxy_.admin("POST", "/api/clock", R"({"advance_us": 1500000})");
  EXPECT_EQ(moved.at("elapsed_us").to_number<int>(), 1'500'000);
  EXPECT_EQ(moved.at("now"), "2026-11-23T12:00:01.500Z");
  EXPECT_EQ(proxy_.admin("GET", "/api/warmth").at("now"), moved.at("now"));
  EXPECT_EQ(proxy_.admin("GET", "/api/clock"), moved);
}

TEST_F(VirtualTime, RefusesMovesThatAreNone) {
  for (const auto* body : {"", "7", "{}", R"({"advance_us": -1})", R"({"advance_us": 1.5})"}) {
    int status = 0;
    proxy_.admin("POST", "/api/clock", body, &status);
    EXPECT_EQ(status, 400) << body;
  }
  EXPECT_EQ(clock_.now(), proxy::VirtualClock::kStart);
}

TEST(RealTime, IsNotMoved) {
  ProxyUnderTest proxy(kNowhere);
  int status = 0;
  proxy.admin("POST", "/api/clock", R"({"advance_us": 1})", &status);
  EXPECT_EQ(status, 409);
}

}  // namespace
}  // namespace foreword::test
