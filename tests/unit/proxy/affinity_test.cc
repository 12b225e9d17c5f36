// Traffic over virtual time: how many keys it gets, and what each of them is asked to carry.
#include "proxy/affinity.h"

#include <algorithm>
#include <deque>
#include <map>
#include <set>

#include <gtest/gtest.h>

namespace foreword::proxy {
namespace {

namespace limits = config::limits;
using namespace std::chrono_literals;

class KeyShardsTest : public testing::Test {
 protected:
  /// Evenly, each request of a conversation of its own; notes what every key gets.
  void send(std::size_t per_minute, std::chrono::seconds time) {
    const auto step = std::chrono::nanoseconds(1min) / per_minute;
    for (const auto end = now_ + time; now_ < end; now_ += step) {
      note(shards_.next(++conversation_ * 0x9e3779b97f4a7c15u, now_));
    }
  }
  void note(std::size_t key) {
    used_.insert(key);
    auto& times = times_[key];
    times.push_back(now_);
    while (times.front() + 1min <= now_) times.pop_front();
    fullest_ = std::max(fullest_, times.size());
  }

  KeyShards shards_;
  AffinityTime now_{1000s};
  std::uint64_t conversation_ = 0;
  std::set<std::size_t> used_;
  std::map<std::size_t, std::deque<AffinityTime>> times_;
  std::size_t fullest_ = 0;
};

TEST_F(KeyShardsTest, OneKeyCarriesTenAMinute) {
  send(10, 30min);
  EXPECT_EQ(used_, std::set<std::size_t>{0});
}

TEST_F(KeyShardsTest, OneKeyCarriesAllThatAMachineTakes) {
  send(15, 30min);
  EXPECT_EQ(used_, std::set<std::size_t>{0});
}

TEST_F(KeyShardsTest, AHundredAMinuteGetAsManyKeysAsTheyNeed) {
  send(100, 30min);
  EXPECT_EQ(used_.size(), 7u);
  EXPECT_LE(fullest_, 15u);
}

TEST_F(KeyShardsTest, NoKeyIsOverfullWhileTrafficSwings) {
  for (const std::size_t per_minute : {5u, 200u, 20u, 90u, 10u, 400u}) send(per_minute, 7min);
  EXPECT_LE(fullest_, 15u);
}

TEST_F(KeyShardsTest, KeysAreMergedWhenTrafficFalls) {
  send(100, 10min);
  send(10, 4min);
  used_.clear();
  send(10, 10min);
  EXPECT_EQ(used_, std::set<std::size_t>{0});
}

TEST_F(KeyShardsTest, KeysAreKeptThroughAShortPause) {
  send(100, 10min);
  send(10, 90s);
  EXPECT_EQ(shards_.in_use(), 7u);
}

TEST_F(KeyShardsTest, TrafficThatJustNeededAKeyKeepsIt) {
  send(16, 5min);
  ASSERT_EQ(shards_.in_use(), 2u);
  send(12, 30min);
  EXPECT_EQ(shards_.in_use(), 2u);
}

TEST_F(KeyShardsTest, AfterALongSilenceOneKeyIsEnough) {
  send(100, 5min);
  now_ += limits::kCacheKeyIdleTime;
  EXPECT_EQ(shards_.next(7, now_), 0u);
  EXPECT_EQ(shards_.in_use(), 1u);
}

TEST_F(KeyShardsTest, AWarmKeyWithRoomIsTakenBeforeANewOne) {
  send(60, 10min);
  const auto keys = shards_.in_use();
  const auto room = keys * limits::kRequestsPerCacheKey - 59;  // the 60th of this minute is due
  for (std::size_t i = 0; i < room; ++i) note(shards_.next(5, now_));
  EXPECT_EQ(shards_.in_use(), keys);
  note(shards_.next(5, now_));
  EXPECT_EQ(shards_.in_use(), keys + 1);
}

TEST_F(KeyShardsTest, AConversationStaysWithItsKey) {
  send(60, 10min);
  for (std::uint64_t conversation = 1; conversation < 20; ++conversation) {
    now_ += 1min;  // so that all have room
    const auto first = shards_.next(conversation, now_);
    EXPECT_EQ(shards_.next(conversation, now_ + 1s), first);
  }
}

TEST_F(KeyShardsTest, BeyondAllKeysTheyShareEvenly) {
  send(limits::kMaxCacheKeyShards * limits::kRequestsPerCacheKey * 2, 5min);
  EXPECT_EQ(used_.size(), limits::kMaxCacheKeyShards);
  EXPECT_LE(fullest_, limits::kRequestsPerCacheKey * 2 + 1);
}

TEST(AffinityTest, CountsEachPrefixByItself) {
  Affinity affinity;
  const AffinityTime now{1000s};
  for (std::uint64_t prefix = 0; prefix < 100; ++prefix) {
    for (std::size_t i = 0; i < limits::kRequestsPerCacheKey; ++i) {
      EXPECT_EQ(affinity.next({0, prefix}, 0, now), 0u);
    }
  }
  EXPECT_EQ(affinity.next({0, 5}, 0, now), 1u);
}

TEST(AffinityTest, ForgetsThePrefixThatWasQuietLongest) {
  Affinity affinity;
  AffinityTime now{1000s};
  const auto fill = [&](std::uint64_t prefix) {
    std::size_t key = 0;
    for (std::size_t i = 0; i <= limits::kRequestsPerCacheKey; ++i) {
      key = affinity.next({0, prefix}, 0, now);
    }
    return key;
  };
  EXPECT_EQ(fill(0), 1u);
  now += 1ms;
  EXPECT_EQ(fill(1), 1u);
  // 0 and 1 are counted in different stripes: only the one with 0 is filled up.
  for (std::uint64_t other = 1; other <= limits::kMaxCountedCacheKeys; ++other) {
    static_cast<void>(affinity.next({0, other << 10}, 0, now + 1ms));
  }
  EXPECT_EQ(affinity.next({0, 0}, 0, now + 2ms), 0u);
  EXPECT_EQ(affinity.next({0, 1}, 0, now + 2ms), 1u);
}

TEST(AffinityTest, NamesOfKeysAreStable) {
  EXPECT_EQ(shard_name("foreword-0123", 0), "foreword-0123");
  EXPECT_EQ(shard_name("foreword-0123", 12), "foreword-0123-12");
}

}  // namespace
}  // namespace foreword::proxy
