#include "proxy/refusals.h"

#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include "config/limits.h"

namespace foreword::proxy {
namespace {

using assembler::Addition;
using namespace std::chrono_literals;

class RefusalsTest : public testing::Test {
 protected:
  [[nodiscard]] bool known(const std::string& model, Addition addition = Addition::cache_key,
                           const std::string& upstream = "a") const {
    return refusals_.known(upstream, model, now_).has(addition);
  }
  void remember(const std::string& model) {
    refusals_.remember("a", model, Addition::cache_key, now_);
  }

  config::TimePoint now_{1'000'000s};
  Refusals refusals_;
};

TEST_F(RefusalsTest, NothingIsKnownAtFirst) {
  EXPECT_TRUE(refusals_.known("a", "m", now_).empty());
}

TEST_F(RefusalsTest, WhatWasRefusedIsLeftOutForThatModelOfThatUpstreamOnly) {
  remember("m");
  EXPECT_TRUE(known("m"));
  EXPECT_FALSE(known("n"));
  EXPECT_FALSE(known("m", Addition::cache_key, "b"));
  EXPECT_FALSE(known("m", Addition::breakpoints));
}

TEST_F(RefusalsTest, SeveralThingsAddUp) {
  remember("m");
  refusals_.remember("a", "m", Addition::usage, now_);
  EXPECT_TRUE(known("m"));
  EXPECT_TRUE(known("m", Addition::usage));
}

TEST_F(RefusalsTest, ExpiresEachByItself) {
  remember("m");
  now_ += config::limits::kRefusalTime - 1ms;
  refusals_.remember("a", "m", Addition::usage, now_);
  EXPECT_TRUE(known("m"));
  now_ += 1ms;
  EXPECT_FALSE(known("m"));
  EXPECT_TRUE(known("m", Addition::usage));
}

TEST_F(RefusalsTest, AClockThatIsSetBackForgets) {
  remember("m");
  now_ -= 1s;
  EXPECT_FALSE(known("m"));
}

TEST_F(RefusalsTest, TheOldestMakesRoom) {
  for (std::size_t i = 0; i <= config::limits::kMaxRefusals; ++i) {
    now_ += 1ms;
    remember("m" + std::to_string(i));
  }
  EXPECT_FALSE(known("m0"));
  EXPECT_TRUE(known("m1"));
  EXPECT_TRUE(known("m" + std::to_string(config::limits::kMaxRefusals)));
}

TEST_F(RefusalsTest, WhatHasExpiredMakesRoomBeforeWhatHolds) {
  for (std::size_t i = 0; i + 1 < config::limits::kMaxRefusals; ++i) {
    remember("old" + std::to_string(i));
  }
  now_ += config::limits::kRefusalTime;
  remember("first");
  now_ += 1ms;
  remember("second");
  EXPECT_TRUE(known("first"));
}

}  // namespace
}  // namespace foreword::proxy
