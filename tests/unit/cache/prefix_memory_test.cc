#include "cache/prefix_memory.h"

#include <array>
#include <chrono>
#include <numeric>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "cache/prefix_store.h"
#include "store_fixture.h"

namespace foreword::cache {
namespace {

using config::Lifetime;
using config::Mark;
using config::PrefixKind;
using config::PromptPrefix;
using config::TimePoint;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr TimePoint kStart{std::chrono::hours(500'000)};

/// Prefixes of 1,000 tokens each that begin with `root` and go on with the given names.
std::vector<PromptPrefix> prompt(std::uint64_t root, const std::vector<std::uint64_t>& names) {
  std::vector<PromptPrefix> prefixes;
  std::uint64_t chain = root * 1'000'003 + 1;
  std::uint32_t tokens = 0;
  prefixes.push_back({{root, chain}, tokens += 1000, PrefixKind::body, true});
  for (const auto name : names) {
    chain = (chain + name) * 0x9e3779b97f4a7c15;
    prefixes.push_back({{root, chain}, tokens += 1000, PrefixKind::body, true});
  }
  return prefixes;
}

class PrefixMemoryTest : public testing::Test {
 protected:
  static TimePoint at(std::chrono::microseconds time) { return kStart + time; }
  config::Outlook look(const std::vector<PromptPrefix>& prefixes, std::chrono::microseconds time) {
    return memory_.outlook(scope_, prefixes, at(time));
  }
  PrefixMemory::Receipt send(const std::vector<PromptPrefix>& prefixes,
                             const std::vector<Mark>& marks, std::chrono::microseconds time,
                             std::chrono::microseconds visible) {
    return memory_.sent(scope_, prefixes, marks, at(time), {at(visible)});
  }

  PrefixMemory memory_{1u << 20, kStart};
  CacheScope scope_{{1, 1}, seconds(300), seconds(3600)};
  const std::vector<PromptPrefix> first_ = prompt(1, {1, 2, 3});
};

TEST_F(PrefixMemoryTest, KnowsNothingOfAPromptThatItHasNotMet) {
  const auto outlook = look(first_, seconds(0));
  EXPECT_EQ(outlook.seen, 0u);
  EXPECT_FALSE(outlook.warm.has_value());
  ASSERT_FALSE(outlook.runs.empty());
  EXPECT_EQ(outlook.runs.back().end, 4u);
}

TEST_F(PrefixMemoryTest, KnowsAPathAsFarAsItWasSeen) {
  send(first_, {}, seconds(0), seconds(1));
  EXPECT_EQ(look(prompt(1, {1, 2, 9, 8}), seconds(2)).seen, 3u);
}

TEST_F(PrefixMemoryTest, CanReadWhatWasWrittenFromTheFirstByteOn) {
  send(first_, {{3, Lifetime::brief}}, seconds(0), seconds(5));
  const auto before = look(first_, milliseconds(4950));
  EXPECT_FALSE(before.warm.has_value());
  ASSERT_TRUE(before.in_writing.has_value());
  EXPECT_EQ(before.in_writing->position, 3u);
  EXPECT_EQ(before.in_writing->visible, at(seconds(5)));
  const auto after = look(first_, seconds(5));
  ASSERT_TRUE(after.warm.has_value());
  EXPECT_EQ(after.warm->position, 3u);
}

TEST_F(PrefixMemoryTest, CanReadWhatIsWrittenOnAGuessOnlyOnceItHasBegun) {
  const std::array marks{Mark{3, Lifetime::brief}};
  const auto receipt = memory_.sent(scope_, first_, marks, at({}), {at(seconds(5)), true});
  const auto before = look(first_, seconds(9));
  EXPECT_FALSE(before.warm.has_value());
  ASSERT_TRUE(before.in_writing.has_value());
  EXPECT_EQ(before.in_writing->visible, at(seconds(5)));
  // Not on a tick of the memory's clock.
  memory_.began(receipt, at(milliseconds(10'030)));
  EXPECT_TRUE(look(first_, milliseconds(10'030)).warm.has_value());
}

TEST_F(PrefixMemoryTest, FindsAnEntryAsFarInFrontOfABreakpointAsTheProviderLooks) {
  scope_.lookback = 3;
  send(first_, {{1, Lifetime::brief}}, seconds(0), seconds(1));
  EXPECT_EQ(send(first_, {{3, Lifetime::brief}}, seconds(10), seconds(11)).read, 1u);
  EXPECT_EQ(send(prompt(1, {1, 9, 9}), {{4, Lifetime::brief}}, seconds(20), seconds(21)).read, 0u);
}

TEST_F(PrefixMemoryTest, RenewsTheEntryThatABreakpointFindsInFrontOfIt) {
  scope_.lookback = 3;
  send(first_, {{1, Lifetime::brief}}, seconds(0), seconds(1));
  send(first_, {{3, Lifetime::brief}}, seconds(200), seconds(201));
  const auto outlook = look(prompt(1, {7}), seconds(400));
  ASSERT_TRUE(outlook.warm.has_value());
  EXPECT_EQ(outlook.warm->position, 1u);
}

TEST_F(PrefixMemoryTest, ForgetsAnEntryThatWasNotThereToBeRead) {
  send(first_, {{2, Lifetime::brief}}, seconds(0), seconds(1));
  const auto receipt =
      send(first_, {{2, Lifetime::brief}, {4, Lifetime::brief}}, seconds(10), seconds(11));
  ASSERT_EQ(receipt.read, 2u);
  memory_.not_read(receipt);
  EXPECT_FALSE(look(prompt(1, {1, 9}), seconds(20)).warm.has_value());
}

TEST_F(PrefixMemoryTest, CountsTheTimeToLiveFromTheStartOfTheRequest) {
  send(first_, {{3, Lifetime::brief}}, seconds(10), seconds(15));
  EXPECT_TRUE(look(first_, milliseconds(309'950)).warm.has_value());
  EXPECT_FALSE(look(first_, seconds(310)).warm.has_value());
}

TEST_F(PrefixMemoryTest, LetsAReadLiveOnForItsOwnTime) {
  send(first_, {{2, Lifetime::extended}, {3, Lifetime::brief}}, seconds(0), seconds(1));
  send(first_, {{3, Lifetime::brief}}, seconds(200), seconds(201));
  EXPECT_EQ(look(first_, seconds(499)).warm->position, 3u);
  EXPECT_EQ(look(first_, seconds(501)).warm->position, 2u);
  EXPECT_FALSE(look(first_, seconds(3601)).warm.has_value());
}

TEST_F(PrefixMemoryTest, WritesNothingInFrontOfWhatIsRead) {
  send(first_, {{3, Lifetime::brief}}, seconds(0), seconds(1));
  const auto receipt =
      send(first_, {{2, Lifetime::brief}, {3, Lifetime::brief}}, seconds(2), seconds(3));
  EXPECT_EQ(receipt.count, 0u);
}

TEST_F(PrefixMemoryTest, TakesTheFirstByteOfTheSoonerOfTwoWriters) {
  send(first_, {{3, Lifetime::brief}}, seconds(0), seconds(9));
  send(first_, {{3, Lifetime::brief}}, seconds(1), seconds(4));
  EXPECT_TRUE(look(first_, seconds(4)).warm.has_value());
}

TEST_F(PrefixMemoryTest, IsToldWhenTheAnswerBegins) {
  const auto receipt = send(first_, {{3, Lifetime::brief}}, seconds(0), std::chrono::hours(24));
  EXPECT_FALSE(look(first_, seconds(3)).warm.has_value());
  memory_.began(receipt, at(seconds(3)));
  EXPECT_TRUE(look(first_, seconds(3)).warm.has_value());
}

TEST_F(PrefixMemoryTest, IsToldThatNothingWasWritten) {
  const auto receipt = send(first_, {{3, Lifetime::brief}}, seconds(0), seconds(1));
  memory_.not_written(receipt);
  const auto outlook = look(first_, seconds(2));
  EXPECT_FALSE(outlook.warm.has_value());
  EXPECT_FALSE(outlook.in_writing.has_value());
}

TEST_F(PrefixMemoryTest, IsToldOfAPing) {
  send(first_, {{3, Lifetime::brief}}, seconds(0), seconds(1));
  memory_.kept_warm(first_[0].hash, first_[2].hash, at(seconds(590)));
  EXPECT_TRUE(look(first_, seconds(589)).warm.has_value());
}

TEST_F(PrefixMemoryTest, ExpectsLaterPromptsToPartWhereEarlierOnesDid) {
  for (std::uint64_t i = 0; i < 5; ++i) send(prompt(1, {1, 2, 10 + i}), {}, seconds(i), seconds(9));
  const auto outlook = look(prompt(1, {1, 2, 99}), seconds(10));
  double at_three = 0;
  double elsewhere = 0;
  for (const auto& parting : outlook.partings) {
    (parting.position == 3 ? at_three : elsewhere) += parting.weight;
  }
  EXPECT_GT(at_three, 3 * elsewhere);
}

TEST_F(PrefixMemoryTest, NamesThePrefixThatSeveralPromptsShare) {
  send(prompt(1, {1, 2, 10}), {{3, Lifetime::brief}}, seconds(0), seconds(1));
  EXPECT_EQ(send(prompt(1, {1, 2, 11}), {{3, Lifetime::brief}}, seconds(2), seconds(3)).shared, 0u);
  const auto third = send(prompt(1, {1, 2, 12}), {{3, Lifetime::brief}}, seconds(4), seconds(5));
  EXPECT_EQ(third.shared, 3u);
  EXPECT_EQ(third.shared_expires, at(seconds(304)));
}

TEST_F(PrefixMemoryTest, LearnsTheGapsOfAPrefix) {
  for (int i = 0; i < 8; ++i) send(first_, {}, seconds(600 * i), seconds(600 * i + 1));
  const auto outlook = look(first_, seconds(600 * 8));
  EXPECT_LT(outlook.runs.front().soon, 0.3);
  EXPECT_GT(outlook.runs.front().late_gaps, 1.5);
}

// A conversation begins every ten seconds; each has three turns, ten minutes apart.
TEST_F(PrefixMemoryTest, LearnsAsMuchOfConversationsBehindALargePrefixThatTheyShare) {
  PrefixMemory memory(1u << 24, kStart);
  const auto turn = [](std::uint64_t conversation, std::uint64_t number) {
    std::vector<std::uint64_t> names;
    for (std::uint64_t i = 0; i < number; ++i) names.push_back(10 * conversation + i);
    auto prefixes = prompt(1, names);
    for (auto& prefix : prefixes) prefix.tokens += 100'000;
    return prefixes;
  };
  for (std::uint64_t i = 0; i < 210; ++i) {
    for (std::uint64_t number = 1; number <= 3; ++number) {
      const auto begun_before = 60 * (number - 1);
      if (i < begun_before) continue;
      const auto now = at(seconds(10 * i));
      memory.sent(scope_, turn(i - begun_before, number), {}, now, {now});
    }
  }
  const auto outlook = memory.outlook(scope_, turn(150, 2), at(seconds(2100)));
  ASSERT_EQ(outlook.seen, 2u);
  ASSERT_EQ(outlook.runs.size(), 3u);
  EXPECT_LT(outlook.runs[1].soon, 0.2);  // 40 % without evidence
}

TEST_F(PrefixMemoryTest, LearnsNothingFromAnotherScope) {
  const CacheScope other{{2, 2}, seconds(300), seconds(3600)};
  const auto fresh = memory_.outlook(other, prompt(5, {1}), at(seconds(5000))).runs.front().soon;
  for (int i = 0; i < 200; ++i) {
    send(prompt(100 + static_cast<std::uint64_t>(i), {1, 2}), {}, seconds(i), seconds(i));
  }
  EXPECT_EQ(memory_.outlook(other, prompt(5, {1}), at(seconds(5000))).runs.front().soon, fresh);
  EXPECT_LT(look(prompt(6, {1, 2}), seconds(5000)).runs.front().soon, fresh / 2);
}

TEST(PrefixMemoryBounds, TakeAtMost128BytesAPrefix) {
  for (const std::uint64_t count : {2'000u, 20'000u, 150'000u, 300'000u}) {
    PrefixMemory memory(std::size_t{1} << 30, kStart);
    const CacheScope scope{{1, 1}, seconds(300), seconds(3600)};
    for (std::uint64_t i = 0; i < count / 10; ++i) {
      const auto prefixes = prompt(i * 0x9e3779b97f4a7c15, {1, 2, 3, 4, 5, 6, 7, 8, 9});
      memory.sent(scope, prefixes, {}, kStart, {kStart});
    }
    EXPECT_EQ(memory.size(), count);
    // Tables of a few prefixes are mostly empty places.
    const std::size_t least = 64 * 15 * 64;
    EXPECT_LE(memory.bytes(), std::max(memory.size() * 128, least)) << count;
  }
}

TEST(PrefixMemoryBounds, TakeNoMoreForPromptsThatShareTheirHead) {
  PrefixMemory memory(std::size_t{1} << 30, kStart);
  const CacheScope scope{{1, 1}, seconds(300), seconds(3600)};
  std::vector<std::uint64_t> head(40);
  std::iota(head.begin(), head.end(), 1);
  for (std::uint64_t i = 0; i < 20'000; ++i) {
    auto shared = head;
    shared.push_back(1'000 + i);
    memory.sent(scope, prompt(7, shared), {}, kStart, {kStart});
  }
  EXPECT_LE(memory.bytes(), memory.size() * 128);
}

TEST(PrefixMemoryBounds, TakeNoMoreForPromptsThatGoOnFromAWholeOne) {
  PrefixMemory memory(std::size_t{1} << 30, kStart);
  const CacheScope scope{{1, 1}, seconds(300), seconds(3600)};
  std::vector<std::uint64_t> whole(40);
  std::iota(whole.begin(), whole.end(), 1);
  memory.sent(scope, prompt(7, whole), {}, kStart, {kStart});
  for (std::uint64_t i = 0; i < 20'000; ++i) {
    auto longer = whole;
    longer.push_back(1'000 + i);
    memory.sent(scope, prompt(7, longer), {}, kStart, {kStart});
  }
  EXPECT_LE(memory.bytes(), memory.size() * 128);
}

TEST(PrefixMemoryBounds, TakeNoMoreForPromptsThatLeaveAnotherAtEachOfItsPositions) {
  PrefixMemory memory(std::size_t{1} << 30, kStart);
  const CacheScope scope{{1, 1}, seconds(300), seconds(3600)};
  std::vector<std::uint64_t> whole(256);
  std::iota(whole.begin(), whole.end(), 1);
  memory.sent(scope, prompt(7, whole), {}, kStart, {kStart});
  for (std::size_t kept = 1; kept < whole.size(); ++kept) {
    std::vector<std::uint64_t> other(whole.begin(),
                                     whole.begin() + static_cast<std::ptrdiff_t>(kept));
    other.push_back(1'000 + kept);
    memory.sent(scope, prompt(7, other), {}, kStart, {kStart});
  }
  EXPECT_LE(memory.bytes(), memory.size() * 128);
}

TEST(PrefixMemoryBounds, ForgetWhatWasUsedLeastRecently) {
  PrefixMemory memory(1u << 20, kStart);
  const CacheScope scope{{1, 1}, seconds(300), seconds(3600)};
  const auto kept = prompt(7, {1, 2});
  for (std::uint64_t i = 0; i < 20'000; ++i) {
    const auto now = kStart + seconds(i);
    memory.sent(scope, prompt(i * 64 + 7, {1, 2, 3}), {}, now, {now});  // of the same stripe
    if (i % 20 == 0) memory.sent(scope, kept, {}, now, {now});
  }
  EXPECT_LE(memory.bytes(), std::size_t{1} << 20);
  EXPECT_EQ(memory.outlook(scope, kept, kStart + seconds(20'001)).seen, 3u);
  EXPECT_EQ(memory.outlook(scope, prompt(64 + 7, {1, 2, 3}), kStart + seconds(20'001)).seen, 0u);
}

// --- over a restart ------------------------------------------------------------------------------

class PrefixMemoryRestart : public test::StoreFixture {
 protected:
  static std::unique_ptr<PrefixMemory> load(Store& from) {
    bool damaged = false;
    auto memory = load_prefixes(from, 1u << 20, kStart + seconds(500), &damaged).value();
    EXPECT_FALSE(damaged);
    return memory;
  }
  static void send(PrefixMemory& memory, std::uint64_t name, seconds time, bool once_begun) {
    const std::array marks{Mark{2, Lifetime::brief}};
    memory.sent(scope(), prompt(1, {1, name}), marks, kStart + time,
                {kStart + time + seconds(1), once_begun});
  }
  static CacheScope scope() { return {{1, 1}, seconds(300), seconds(3600)}; }
  static config::Outlook look(PrefixMemory& memory, seconds time) {
    return memory.outlook(scope(), prompt(1, {1, 3, 7}), kStart + time);
  }
};

TEST_F(PrefixMemoryRestart, ExpectsTheSameAsBefore) {
  PrefixMemory before(1u << 20, kStart);
  for (std::uint64_t i = 0; i < 40; ++i) send(before, i % 5, seconds(10 * i), false);
  ASSERT_TRUE(save_prefixes(store(), before));
  reopen();
  const auto after = load(store());
  const auto expected = look(before, seconds(410));
  const auto outlook = look(*after, seconds(410));
  EXPECT_EQ(outlook.seen, expected.seen);
  ASSERT_TRUE(outlook.warm.has_value());
  EXPECT_EQ(outlook.warm->expires, expected.warm->expires);
  ASSERT_EQ(outlook.runs.size(), expected.runs.size());
  for (std::size_t i = 0; i < outlook.runs.size(); ++i) {
    EXPECT_DOUBLE_EQ(outlook.runs[i].soon, expected.runs[i].soon);
    EXPECT_DOUBLE_EQ(outlook.runs[i].late_gaps, expected.runs[i].late_gaps);
  }
  ASSERT_EQ(outlook.partings.size(), expected.partings.size());
  EXPECT_DOUBLE_EQ(outlook.partings[0].weight, expected.partings[0].weight);
}

TEST_F(PrefixMemoryRestart, WaitsForNoWriterOfBefore) {
  PrefixMemory before(1u << 20, kStart);
  send(before, 1, seconds(0), true);
  ASSERT_TRUE(look(before, seconds(1)).in_writing.has_value());
  ASSERT_TRUE(save_prefixes(store(), before));
  EXPECT_FALSE(look(*load(store()), seconds(1)).in_writing.has_value());
}

TEST_F(PrefixMemoryRestart, KeepsOnlyWhatWasSavedLast) {
  PrefixMemory first(1u << 20, kStart);
  send(first, 1, seconds(0), false);
  ASSERT_TRUE(save_prefixes(store(), first));
  ASSERT_TRUE(save_prefixes(store(), PrefixMemory(1u << 20, kStart)));
  EXPECT_EQ(load(store())->size(), 0u);
}

TEST_F(PrefixMemoryRestart, BeginsAnewWhereWhatWasSavedIsDamaged) {
  PrefixMemory before(1u << 20, kStart);
  send(before, 1, seconds(0), false);
  ASSERT_TRUE(save_prefixes(store(), before));
  for (const auto* key : {"a start", "scope 00", "stripe 01", "unknown"}) {
    put(Family::prefixes, key, "\xff\xff\xff");
    bool damaged = false;
    const auto memory = load_prefixes(store(), 1u << 20, kStart, &damaged).value();
    EXPECT_TRUE(damaged) << key;
    EXPECT_EQ(memory->size(), 0u);
    ASSERT_TRUE(save_prefixes(store(), before));
  }
}

TEST(PrefixMemoryThreads, MaySendAtOnce) {
  PrefixMemory memory(1u << 20, kStart);
  const CacheScope scope{{1, 1}, seconds(300), seconds(3600)};
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (std::uint64_t i = 0; i < 300; ++i) {
        const auto prefixes = prompt(i % 7, {1, t, i});
        const auto now = kStart + milliseconds(i);
        (void)memory.outlook(scope, prefixes, now);
        const std::array marks{Mark{2, Lifetime::brief}};
        memory.began(memory.sent(scope, prefixes, marks, now, {now + seconds(1)}), now);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_TRUE(memory.outlook(scope, prompt(3, {1}), kStart + seconds(1)).warm.has_value());
}

}  // namespace
}  // namespace foreword::cache
