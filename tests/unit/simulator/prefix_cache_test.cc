#include "simulator/prefix_cache.h"

#include <numeric>

#include <gtest/gtest.h>

namespace foreword::simulator {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class PrefixCacheTest : public testing::Test {
 protected:
  /// `count` tokens; from `change` on they are others than in the plain row.
  static std::vector<Token> row(std::size_t count, std::size_t change = ~std::size_t{0}) {
    std::vector<Token> tokens(count);
    std::iota(tokens.begin(), tokens.end(), 1u);
    for (std::size_t i = change; i < count; ++i) tokens[i] += 1'000'000;
    return tokens;
  }
  PrefixCache::Lookup ask(const std::vector<Token>& tokens) {
    return cache_.look_up(scope_, tokens, 1024, {minutes(5), minutes(60)}, now_);
  }
  std::uint64_t send(const std::vector<Token>& tokens) {
    const auto lookup = ask(tokens);
    cache_.publish(lookup);
    return lookup.cached_tokens;
  }

  PrefixCache cache_;
  config::Hash128 scope_{1, 2};
  TimePoint now_{};
};

TEST_F(PrefixCacheTest, TheFirstPromptIsNotCached) {
  EXPECT_EQ(send(row(3000)), 0u);
}

TEST_F(PrefixCacheTest, TheSamePromptIsReadInStepsOf128) {
  send(row(3000));
  EXPECT_EQ(send(row(3000)), 2944u);
}

TEST_F(PrefixCacheTest, ACommonFrontIsReadUpToTheFirstDifference) {
  send(row(3000));
  EXPECT_EQ(send(row(3000, 2000)), 1920u) << "15 whole blocks of 128 in front of token 2000";
}

TEST_F(PrefixCacheTest, LessThanTheMinimumInCommonIsNoHit) {
  send(row(3000));
  EXPECT_EQ(send(row(3000, 1023)), 0u);
}

TEST_F(PrefixCacheTest, ADifferenceAtTheStartLosesEverything) {
  send(row(3000));
  EXPECT_EQ(send(row(3000, 0)), 0u);
}

TEST_F(PrefixCacheTest, NothingCanBeReadBeforeTheFirstByte) {
  (void)ask(row(3000));
  EXPECT_EQ(ask(row(3000)).cached_tokens, 0u);
}

TEST_F(PrefixCacheTest, AnIdlePrefixIsForgotten) {
  send(row(3000));
  now_ += seconds(301);
  EXPECT_EQ(send(row(3000)), 0u);
}

TEST_F(PrefixCacheTest, UseKeepsAPrefixButNotForEver) {
  send(row(3000));
  for (int i = 0; i < 14; ++i) {
    now_ += minutes(4);
    EXPECT_EQ(send(row(3000)), 2944u);
  }
  now_ += minutes(4);
  EXPECT_EQ(send(row(3000)), 0u) << "an hour after it was written";
}

TEST_F(PrefixCacheTest, AnotherScopeSharesNothing) {
  send(row(3000));
  scope_ = {3, 4};
  EXPECT_EQ(send(row(3000)), 0u);
}

}  // namespace
}  // namespace foreword::simulator
