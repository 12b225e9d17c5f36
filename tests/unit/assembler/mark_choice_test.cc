#include "assembler/mark_choice.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "support/anthropic_terms.h"

namespace foreword::assembler {
namespace {

using config::Lifetime;
using config::Mark;
using config::Outlook;
using config::PrefixKind;
using config::PromptPrefix;
using config::TimePoint;
using Marks = std::vector<Mark>;

/// Ten positions of 1,000 tokens each.
class ChooseMarks : public testing::Test {
 protected:
  ChooseMarks() {
    for (std::uint32_t i = 1; i <= 10; ++i) {
      prefixes_.push_back({{0, i}, i * 1000, PrefixKind::body, true});
    }
  }
  void expect(std::uint32_t end, double soon, double late_gaps = 0, double uses = 0) {
    outlook_.runs.push_back({end, soon, late_gaps, uses});
  }
  void warm(std::uint32_t position, Lifetime lifetime = Lifetime::brief) {
    outlook_.warm = Outlook::Entry{position, lifetime, {}, {}};
    outlook_.seen = position;
  }
  MarkChoice choose(std::uint32_t room = 4, const Marks& others = {}) {
    return choose_marks(prefixes_, outlook_, terms_, room, others);
  }

  std::vector<PromptPrefix> prefixes_;
  Outlook outlook_;
  config::CacheTerms terms_ = test::kAnthropicTerms;
};

TEST_F(ChooseMarks, IsNotAskedOfPromptsBelowHalfOfTheMinimum) {
  prefixes_.resize(1);
  terms_.min_tokens = 2000;
  EXPECT_FALSE(is_far_too_small(prefixes_, terms_));
  terms_.min_tokens = 2002;
  EXPECT_TRUE(is_far_too_small(prefixes_, terms_));
}

// A write costs 0.25 more; used again soon it saves 1.25 - 0.1: worth it from a chance of 0.2174
// on.
TEST_F(ChooseMarks, WritesWhereTheChanceOfAReadPaysForIt) {
  expect(10, 0.22);
  EXPECT_EQ(choose().marks, (Marks{{10, Lifetime::brief}}));
}

TEST_F(ChooseMarks, WritesNothingWhereItDoesNot) {
  expect(10, 0.21);
  EXPECT_TRUE(choose().marks.empty());
}

TEST_F(ChooseMarks, WritesAsFarAsItPaysInAll) {
  expect(6, 0.5);   // gains .325 a token
  expect(8, 0.1);   // loses .135
  expect(10, 0.1);  // and again
  EXPECT_EQ(choose().written, 6u);
  outlook_.runs[2].soon = 0.9;  // gains .785: more than what is in front of it loses
  EXPECT_EQ(choose().written, 10u);
}

// Each late gap saves 1.15; the hour costs 0.75 more: worth it from 0.652 gaps on.
TEST_F(ChooseMarks, KeepsForLongWhereLateGapsPayForIt) {
  expect(10, 0.5, 0.66, 3);
  EXPECT_EQ(choose().marks, (Marks{{10, Lifetime::extended}}));
  outlook_.runs[0].late_gaps = 0.65;
  EXPECT_EQ(choose().marks, (Marks{{10, Lifetime::brief}}));
}

// Uses are an hour apart and more than two follow: 2 x 0.9 > 1.
TEST_F(ChooseMarks, KeepsForLongWhatBriefWouldNeverServe) {
  expect(10, 0.05, 0.6, 2);
  EXPECT_EQ(choose().marks, (Marks{{10, Lifetime::extended}}));
}

TEST_F(ChooseMarks, PutsExtendedInFrontOfBrief) {
  expect(4, 0.5, 2, 3);
  expect(10, 0.5);
  EXPECT_EQ(choose().marks, (Marks{{4, Lifetime::extended}, {10, Lifetime::brief}}));
}

TEST_F(ChooseMarks, ReadsWhatIsWarmAndWritesBehindIt) {
  warm(4);
  expect(4, 0.9);
  expect(10, 0.5);
  const auto choice = choose();
  EXPECT_EQ(choice.read, 4u);
  EXPECT_EQ(choice.marks, (Marks{{4, Lifetime::brief}, {10, Lifetime::brief}}));
}

TEST_F(ChooseMarks, ReadsWhatIsWarmWhereNothingIsWorthWriting) {
  warm(4, Lifetime::extended);
  expect(4, 0.9);
  expect(10, 0.1);
  EXPECT_EQ(choose().marks, (Marks{{4, Lifetime::extended}}));
}

TEST_F(ChooseMarks, CallsAReadExtendedInFrontOfAnExtendedWrite) {
  warm(4);
  expect(4, 0.9);
  expect(10, 0.5, 2, 3);
  EXPECT_EQ(choose().marks, (Marks{{4, Lifetime::extended}, {10, Lifetime::extended}}));
}

TEST_F(ChooseMarks, PutsFreeEntriesWhereLaterPromptsPart) {
  expect(10, 0.5);
  outlook_.partings = {{3, 1}, {7, 2}, {9, 0.1}};
  EXPECT_EQ(choose(2).marks, (Marks{{7, Lifetime::brief}, {10, Lifetime::brief}}));
  EXPECT_EQ(choose(3).marks,
            (Marks{{3, Lifetime::brief}, {7, Lifetime::brief}, {10, Lifetime::brief}}));
}

TEST_F(ChooseMarks, LeavesNewPrefixesAloneUntilOthersHavePaidOff) {
  expect(10, 0.5);
  outlook_.may_try = false;
  EXPECT_TRUE(choose().marks.empty());
  outlook_.seen = 10;
  EXPECT_EQ(choose().written, 10u);
}

TEST_F(ChooseMarks, CountsWhatTheClientWritesAnywayAsFree) {
  expect(5, 0.1);
  expect(10, 0.5);
  EXPECT_EQ(choose(4, {{5, Lifetime::brief}}).written, 10u);
}

TEST_F(ChooseMarks, LeavesTheReadingToABreakpointThatFindsTheEntryAnyway) {
  warm(2);
  expect(10, 0.5);
  EXPECT_EQ(choose(1, {{5, Lifetime::brief}}).marks, (Marks{{10, Lifetime::brief}}));
}

TEST_F(ChooseMarks, MarksWhatNoOtherBreakpointFinds) {
  warm(2);
  terms_.lookback = 3;
  expect(10, 0.5);
  EXPECT_EQ(choose(2, {{5, Lifetime::brief}}).marks,
            (Marks{{2, Lifetime::brief}, {10, Lifetime::brief}}));
}

TEST_F(ChooseMarks, MarksInFrontOfABlockThatMustNotBe) {
  prefixes_[9].markable = false;
  expect(10, 0.5);
  EXPECT_EQ(choose().marks, (Marks{{9, Lifetime::brief}}));
}

TEST_F(ChooseMarks, MarksNothingBelowTheMinimum) {
  terms_.min_tokens = 10'001;
  expect(10, 0.9);
  EXPECT_TRUE(choose().marks.empty());
}

TEST_F(ChooseMarks, MarksNothingWithoutRoomOrAtAProviderWithoutMarks) {
  expect(10, 0.9);
  EXPECT_TRUE(choose(0).marks.empty());
  terms_.marks = false;
  EXPECT_TRUE(choose().marks.empty());
}

// Whatever is expected of whatever prompt, the marks are some that a provider takes.
TEST(ChooseMarksProperty, NeverMakesAnIllegalSet) {
  std::mt19937 random(1);
  const auto below = [&](std::uint32_t n) { return static_cast<std::uint32_t>(random() % n); };
  const auto share = [&] { return below(101) / 100.0; };
  for (int i = 0; i < 20'000; ++i) {
    std::vector<PromptPrefix> prefixes;
    std::uint32_t tokens = 0;
    const auto count = 1 + below(60);
    for (std::uint32_t p = 0; p < count; ++p) {
      prefixes.push_back({{0, p}, tokens += 1 + below(900), PrefixKind::body, below(5) != 0});
    }
    Outlook outlook;
    for (std::uint32_t end = 0; end < count;) {
      end = std::min(count, end + 1 + below(20));
      outlook.runs.push_back({end, share(), 3 * share(), 5 * share()});
    }
    outlook.seen = below(count + 1);
    outlook.may_try = below(2) == 0;
    for (auto n = below(6); n > 0; --n) outlook.partings.push_back({1 + below(count), share()});
    if (outlook.seen > 0 && below(2) == 0) {
      const auto position = 1 + below(outlook.seen);
      prefixes[position - 1].markable = true;
      outlook.warm =
          Outlook::Entry{position, below(2) == 0 ? Lifetime::brief : Lifetime::extended, {}, {}};
    }
    const auto room = below(5);
    Marks others;
    if (const auto other = below(count + 1); other > 0) others.push_back({other, Lifetime::brief});
    const auto choice = choose_marks(prefixes, outlook, test::kAnthropicTerms, room, others);
    ASSERT_LE(choice.marks.size(), room) << i;
    for (std::size_t m = 0; m < choice.marks.size(); ++m) {
      const auto& mark = choice.marks[m];
      ASSERT_TRUE(mark.position >= 1 && mark.position <= count) << i;
      ASSERT_TRUE(prefixes[mark.position - 1].markable) << i;
      ASSERT_GE(prefixes[mark.position - 1].tokens, test::kAnthropicTerms.min_tokens) << i;
      if (m == 0) continue;
      ASSERT_GT(mark.position, choice.marks[m - 1].position) << i;
      ASSERT_FALSE(mark.lifetime == Lifetime::extended &&
                   choice.marks[m - 1].lifetime == Lifetime::brief)
          << i;
    }
  }
}

}  // namespace
}  // namespace foreword::assembler
