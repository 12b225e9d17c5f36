#include "simulator/anthropic_cache.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

namespace foreword::simulator {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr auto k5m = AnthropicTtl::five_minutes;
constexpr auto k1h = AnthropicTtl::one_hour;
constexpr std::uint64_t kMinTokens = 512;
constexpr std::uint64_t kBlockTokens = 1000;

/// Prompts are words: one block of a thousand tokens each. A word ends in ' for a 5m marker, in "
/// for 1h.
class AnthropicCacheTest : public testing::Test {
 protected:
  static std::vector<AnthropicBlock> prompt(const std::string& words,
                                            std::uint64_t block_tokens = kBlockTokens) {
    std::vector<AnthropicBlock> blocks;
    std::string text;
    std::string word;
    for (const char c : words + " ") {
      if (c != ' ') {
        word += c;
        continue;
      }
      AnthropicBlock block;
      if (word.ends_with('\'')) block.marker = k5m;
      if (word.ends_with('"')) block.marker = k1h;
      if (block.marker) word.pop_back();
      text += word + " ";
      block.prefix = config::xxh3_128(text);
      block.tokens = block_tokens;
      blocks.push_back(block);
      word.clear();
    }
    return blocks;
  }

  /// `count` blocks a1 a2 ..., the ones in `marked` (from 1) with a 5m marker.
  static std::vector<AnthropicBlock> numbered(int count, std::initializer_list<int> marked) {
    std::string words;
    for (int i = 1; i <= count; ++i) {
      words += (i == 1 ? "a" : " a") + std::to_string(i);
      if (std::find(marked.begin(), marked.end(), i) != marked.end()) words += "'";
    }
    return prompt(words);
  }

  AnthropicCache::Lookup ask(const std::vector<AnthropicBlock>& blocks,
                             std::uint64_t min_tokens = kMinTokens) {
    return cache_.look_up(scope_, blocks, min_tokens, now_);
  }
  /// Asks, and gets a first byte.
  AnthropicUsage send(const std::vector<AnthropicBlock>& blocks,
                      std::uint64_t min_tokens = kMinTokens) {
    const auto lookup = ask(blocks, min_tokens);
    cache_.publish(lookup.writes);
    return lookup.usage;
  }
  void wait(std::chrono::seconds duration) { now_ += duration; }

  AnthropicCache cache_;
  config::Hash128 scope_{1, 2};
  TimePoint now_{};
};

using Usage = AnthropicUsage;

TEST_F(AnthropicCacheTest, WithoutABreakpointEverythingIsInput) {
  EXPECT_EQ(send(prompt("tools system question")), (Usage{3000, 0, 0, 0}));
  EXPECT_EQ(send(prompt("tools system question")), (Usage{3000, 0, 0, 0}));
}

TEST_F(AnthropicCacheTest, TheFirstRequestWritesUpToItsBreakpointAndTheSecondReadsIt) {
  EXPECT_EQ(send(prompt("kb' one")), (Usage{1000, 0, 1000, 0}));
  EXPECT_EQ(send(prompt("kb' two")), (Usage{1000, 1000, 0, 0}));
}

TEST_F(AnthropicCacheTest, OnlyBreakpointsWriteSoAnEarlierPositionIsNoEntry) {
  send(prompt("kb examples'"));
  EXPECT_EQ(send(prompt("kb' other")).cache_read, 0u);
}

TEST_F(AnthropicCacheTest, AChangeInFrontOfTheBreakpointMisses) {
  send(prompt("kb examples'"));
  EXPECT_EQ(send(prompt("changed examples'")), (Usage{0, 0, 2000, 0}));
}

TEST_F(AnthropicCacheTest, AReadLooksBackFromALaterBreakpointAndWritesTheRest) {
  send(prompt("kb' one"));
  EXPECT_EQ(send(prompt("kb one answer two'")), (Usage{0, 1000, 3000, 0}));
}

TEST_F(AnthropicCacheTest, WriteAtBlock15AndBreakpointAt35Misses) {
  send(numbered(15, {15}));
  EXPECT_EQ(send(numbered(35, {35})).cache_read, 0u);
}

TEST_F(AnthropicCacheTest, WriteAtBlock15AndBreakpointAt34Hits) {
  send(numbered(15, {15}));
  EXPECT_EQ(send(numbered(34, {34})).cache_read, 15 * kBlockTokens);
}

TEST_F(AnthropicCacheTest, TheSearchGoesOnAtTheNextEarlierBreakpoint) {
  send(numbered(15, {15}));
  EXPECT_EQ(send(numbered(60, {30, 60})).cache_read, 15 * kBlockTokens);
}

TEST_F(AnthropicCacheTest, TheHighestOfSeveralEntriesIsRead) {
  send(numbered(10, {5, 10}));
  EXPECT_EQ(send(numbered(12, {12})).cache_read, 10 * kBlockTokens);
}

TEST_F(AnthropicCacheTest, AnEntryCannotBeReadBeforeTheWritersFirstByte) {
  const auto first = ask(prompt("kb' one"));
  EXPECT_EQ(ask(prompt("kb' two")).usage, (Usage{1000, 0, 1000, 0}))
      << "N parallel requests, N writes";
  cache_.publish(first.writes);
  EXPECT_EQ(ask(prompt("kb' three")).usage, (Usage{1000, 1000, 0, 0}));
}

TEST_F(AnthropicCacheTest, AnEntryLivesForItsTtl) {
  send(prompt("kb' one"));
  wait(seconds(299));
  EXPECT_EQ(ask(prompt("kb' two")).usage.cache_read, 1000u);
}

TEST_F(AnthropicCacheTest, AnEntryIsGoneAfterItsTtl) {
  send(prompt("kb' one"));
  wait(seconds(301));
  EXPECT_EQ(ask(prompt("kb' two")).usage, (Usage{1000, 0, 1000, 0}));
}

TEST_F(AnthropicCacheTest, TheLifetimeRunsFromTheStartOfTheWriter) {
  const auto slow = ask(prompt("kb' one"));
  wait(seconds(200));
  cache_.publish(slow.writes);
  wait(seconds(101));
  EXPECT_EQ(ask(prompt("kb' two")).usage.cache_read, 0u) << "the wait for the first byte counts";
}

TEST_F(AnthropicCacheTest, AReadRefreshesTheLifetime) {
  send(prompt("kb' one"));
  for (int i = 0; i < 5; ++i) {
    wait(minutes(4));
    EXPECT_EQ(send(prompt("kb' two")).cache_read, 1000u);
  }
}

TEST_F(AnthropicCacheTest, AReadRefreshesMarkedPrefixesInsideOfIt) {
  send(prompt("system' turn'"));
  wait(minutes(4));
  send(prompt("system' turn' more"));
  wait(minutes(4));
  EXPECT_EQ(ask(prompt("system' other")).usage.cache_read, 1000u);
}

TEST_F(AnthropicCacheTest, AMarkerInsideAHitDoesNotMakeAnEntryForFree) {
  send(prompt("kb examples'"));
  send(prompt("kb\" examples'"));
  EXPECT_EQ(ask(prompt("kb\" other")).usage.cache_read, 0u);
}

TEST_F(AnthropicCacheTest, AnHourLivesForAnHour) {
  send(prompt("kb\" one"));
  wait(minutes(59));
  EXPECT_EQ(ask(prompt("kb\" two")).usage.cache_read, 1000u);
  wait(minutes(61));
  EXPECT_EQ(ask(prompt("kb\" two")).usage.cache_read, 0u);
}

TEST_F(AnthropicCacheTest, AReadThroughAnHourMarkerDoesNotLengthenAFiveMinuteEntry) {
  send(prompt("kb' one"));
  EXPECT_EQ(send(prompt("kb\" two")).cache_read, 1000u);
  wait(minutes(6));
  EXPECT_EQ(ask(prompt("kb\" three")).usage.cache_read, 0u);
}

TEST_F(AnthropicCacheTest, MixedTtlsAreBilledByPositions) {
  EXPECT_EQ(send(prompt("kb\" turn' question")), (Usage{1000, 0, 1000, 1000}));
}

TEST_F(AnthropicCacheTest, BehindAHitTheHourPartComesBeforeTheFiveMinutePart) {
  send(prompt("a\" x"));
  EXPECT_EQ(send(prompt("a\" b c\" d e' f")), (Usage{1000, 1000, 2000, 2000}));
}

TEST_F(AnthropicCacheTest, BelowTheMinimumNothingIsCachedAndBothFieldsAreZero) {
  EXPECT_EQ(send(prompt("small' question"), 1001), (Usage{2000, 0, 0, 0}));
  EXPECT_EQ(send(prompt("small' question"), 1001), (Usage{2000, 0, 0, 0}));
}

TEST_F(AnthropicCacheTest, TheMinimumIsOfTheWholePrefixNotOfTheBlock) {
  EXPECT_EQ(send(prompt("a' b' c"), 2000), (Usage{1000, 0, 2000, 0}));
}

TEST_F(AnthropicCacheTest, AnotherWorkspaceOrModelSharesNothing) {
  send(prompt("kb' one"));
  scope_ = {3, 4};
  EXPECT_EQ(ask(prompt("kb' one")).usage.cache_read, 0u);
}

TEST_F(AnthropicCacheTest, TokenClassesAddUpToThePrompt) {
  send(prompt("a' b"));
  const auto usage = send(prompt("a' b c\" d' e f"));
  EXPECT_EQ(usage.input + usage.cache_read + usage.write_5m + usage.write_1h, 6 * kBlockTokens);
}

}  // namespace
}  // namespace foreword::simulator
