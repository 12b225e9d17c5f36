#include "cache/reuse_classes.h"

#include <limits>
#include <memory>
#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace foreword::cache {
namespace {

using config::PrefixKind;
using config::TimePoint;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr TimePoint kStart{hours(500'000)};
constexpr std::uint32_t kManyTokens = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint32_t kManyUses = std::numeric_limits<std::uint32_t>::max();

/// Providers with five minutes and an hour.
class ReuseClassesTest : public testing::Test {
 protected:
  ReuseClassesTest() { classes_->advance(kStart); }

  void begin(ReuseClass use, seconds at, int count = 1) {
    classes_->advance(kStart + at);
    classes_->begin(use, kStart + at, count);
  }
  void end(ReuseClass use, seconds begun, seconds at, int count = 1) {
    classes_->advance(kStart + at);
    classes_->end(use, kStart + begun, kStart + at, count);
  }
  void wait_until(seconds at) { classes_->advance(kStart + at); }
  [[nodiscard]] double soon(ReuseClass use) const { return classes_->chances(use).soon; }
  [[nodiscard]] double late(ReuseClass use) const { return classes_->chances(use).late; }

  std::unique_ptr<ReuseClasses> classes_ = std::make_unique<ReuseClasses>(minutes(5));
  const ReuseClass new_ = class_of_new(PrefixKind::body, 1, 5'000);
  const ReuseClass tail_ = class_of_tail(1);
  const ReuseClass known_ = class_of_known(PrefixKind::body, LastGap::brief, 1, 5'000);
};

// --- without evidence ----------------------------------------------------------------------------

TEST_F(ReuseClassesTest, TakesANewPrefixForOneOfTwoInFive) {
  EXPECT_NEAR(soon(new_), .40, .005);
  EXPECT_NEAR(soon(new_) + late(new_), .46, .005);
}

TEST_F(ReuseClassesTest, ExpectsLessOfTheEndOfARequest) {
  EXPECT_LT(soon(tail_), soon(new_) / 2);
}

TEST_F(ReuseClassesTest, ExpectsOfAKnownPrefixWhatItsLastGapSays) {
  const auto after = [](LastGap gap) { return class_of_known(PrefixKind::body, gap, 1, 5'000); };
  EXPECT_NEAR(soon(after(LastGap::brief)), .72, .01);
  EXPECT_NEAR(soon(after(LastGap::late)), .40, .01);
  EXPECT_NEAR(soon(after(LastGap::longer)), .15, .01);
}

TEST_F(ReuseClassesTest, ASingleUseChangesLittle) {
  const auto before = soon(new_);
  begin(new_, seconds(0));
  end(new_, seconds(0), seconds(5));
  EXPECT_GT(soon(new_), before);
  EXPECT_NEAR(soon(new_), before, .15);
}

// --- hazards -------------------------------------------------------------------------------------

TEST_F(ReuseClassesTest, LearnsThatAllAreUsedAgain) {
  begin(new_, seconds(0), 200);
  end(new_, seconds(0), seconds(5), 200);
  wait_until(minutes(10));
  EXPECT_GT(soon(new_), .99);
}

TEST_F(ReuseClassesTest, LearnsThatNoneIs) {
  begin(new_, seconds(0), 200);
  wait_until(minutes(70));
  EXPECT_LT(soon(new_), .05);
  EXPECT_LT(late(new_), .05);
}

TEST_F(ReuseClassesTest, LearnsThatHalfOfThemAre) {
  begin(new_, seconds(0), 400);
  end(new_, seconds(0), seconds(150), 200);
  wait_until(minutes(70));
  EXPECT_NEAR(soon(new_), .5, .05);
}

TEST_F(ReuseClassesTest, TellsLateUsesFromSoonOnes) {
  begin(new_, seconds(0), 200);
  end(new_, seconds(0), minutes(10), 200);
  wait_until(minutes(70));
  EXPECT_LT(soon(new_), .05);
  EXPECT_GT(late(new_), .9);
}

TEST_F(ReuseClassesTest, UsesBehindTheExtendedTimeDoNotCount) {
  begin(new_, seconds(0), 200);
  wait_until(minutes(70));
  const auto before = late(new_);
  end(new_, seconds(0), minutes(70), 200);
  EXPECT_EQ(late(new_), before);
}

TEST_F(ReuseClassesTest, WaitsThatAreNotOverCountForTheTimeThatTheyHaveHad) {
  const auto before = soon(new_);
  begin(new_, seconds(0), 3);
  wait_until(seconds(70));
  const auto after_a_minute = soon(new_);
  wait_until(seconds(320));
  EXPECT_LT(after_a_minute, before - .05);
  EXPECT_LT(soon(new_), after_a_minute - .05);
}

TEST_F(ReuseClassesTest, ASilenceCountsAsLongAsTheTimeInWhichOthersAsk) {
  auto quiet = std::make_unique<ReuseClasses>(minutes(5));
  quiet->advance(kStart);
  quiet->begin(new_, kStart, 10);
  quiet->advance(kStart + hours(3));
  begin(new_, seconds(0), 10);
  for (minutes now(0); now <= hours(3); now += minutes(1)) wait_until(now);
  EXPECT_NEAR(quiet->chances(new_).soon, soon(new_), 1e-6);
  EXPECT_NEAR(quiet->chances(new_).late, late(new_), 1e-6);
}

TEST_F(ReuseClassesTest, ImpatienceBiasesNothing) {
  // One each five seconds, half of them used again after two minutes. Those of the last two minutes
  // still wait.
  constexpr seconds kBetween(5);
  constexpr seconds kGap(120);
  for (int i = 0; i < 400; ++i) {
    const seconds now = i * kBetween;
    begin(new_, now);
    if (now >= kGap && i % 2 == 0) end(new_, now - kGap, now);
  }
  EXPECT_NEAR(soon(new_), .5, .08);
}

TEST_F(ReuseClassesTest, APartOfARequestCountsForItsShare) {
  begin(new_, seconds(0), 100);
  auto parts = std::make_unique<ReuseClasses>(minutes(5));
  parts->advance(kStart);
  for (int i = 0; i < 400; ++i) parts->begin(new_, kStart, .25);
  wait_until(minutes(10));
  parts->advance(kStart + minutes(10));
  EXPECT_NEAR(soon(new_), parts->chances(new_).soon, 1e-4);
}

// --- wider classes -------------------------------------------------------------------------------

TEST_F(ReuseClassesTest, AClassWithoutEvidenceLearnsFromOthersLikeIt) {
  const auto other_size = class_of_new(PrefixKind::body, 1, 500'000);
  ASSERT_NE(other_size, new_);
  const auto before = soon(other_size);
  begin(new_, seconds(0), 200);
  wait_until(minutes(10));
  EXPECT_LT(soon(other_size), before / 2);
}

TEST_F(ReuseClassesTest, ItsOwnEvidenceGoesBeforeThatOfOthers) {
  const auto other_size = class_of_new(PrefixKind::body, 1, 500'000);
  begin(new_, seconds(0), 400);
  begin(other_size, seconds(0), 200);
  end(other_size, seconds(0), seconds(150), 190);
  wait_until(minutes(10));
  EXPECT_GT(soon(other_size), .85);
  EXPECT_LT(soon(new_), .1);
}

TEST_F(ReuseClassesTest, NewTailAndKnownPrefixesTeachOneAnotherNothing) {
  const auto tail = soon(tail_);
  const auto known = soon(known_);
  begin(new_, seconds(0), 200);
  wait_until(minutes(10));
  EXPECT_EQ(soon(tail_), tail);
  EXPECT_EQ(soon(known_), known);
}

// --- where classes end ---------------------------------------------------------------------------

TEST(ReuseClass, TheLastStepTakesAllThatIsMore) {
  EXPECT_EQ(class_of_new(PrefixKind::head, 3, kManyTokens),
            class_of_new(PrefixKind::head, 1'000, kManyTokens / 2));
  EXPECT_EQ(class_of_tail(3), class_of_tail(1'000));
  EXPECT_EQ(class_of_known(PrefixKind::head, LastGap::late, 4, kManyTokens),
            class_of_known(PrefixKind::head, LastGap::late, kManyUses, kManyTokens / 2));
}

TEST(ReuseClass, TheFirstStepTakesNothingToo) {
  EXPECT_EQ(class_of_new(PrefixKind::head, 0, 0), class_of_new(PrefixKind::head, 1, 100));
  EXPECT_EQ(class_of_tail(0), class_of_tail(1));
  EXPECT_EQ(class_of_known(PrefixKind::head, LastGap::late, 0, 0),
            class_of_known(PrefixKind::head, LastGap::late, 1, 100));
}

/// The smallest and the largest of each kind.
std::vector<ReuseClass> outermost_classes() {
  std::vector<ReuseClass> classes;
  for (const auto kind : {PrefixKind::head, PrefixKind::body}) {
    for (const std::uint32_t tokens : {std::uint32_t{0}, kManyTokens}) {
      for (std::uint32_t generation = 1; generation <= 3; ++generation) {
        classes.push_back(class_of_new(kind, generation, tokens));
      }
      for (const auto gap : {LastGap::brief, LastGap::late, LastGap::longer}) {
        for (std::uint32_t uses = 1; uses <= 4; ++uses) {
          classes.push_back(class_of_known(kind, gap, uses, tokens));
        }
      }
    }
  }
  for (std::uint32_t generation = 1; generation <= 3; ++generation) {
    classes.push_back(class_of_tail(generation));
  }
  return classes;
}

TEST(ReuseClass, NoTwoKindsShareOne) {
  const auto all = outermost_classes();
  EXPECT_EQ(std::set(all.begin(), all.end()).size(), all.size());
}

TEST_F(ReuseClassesTest, HoldsTheOutermostClasses) {
  for (const auto each : outermost_classes()) {
    classes_ = std::make_unique<ReuseClasses>(minutes(5));
    const auto before = soon(each);
    begin(each, seconds(0), 100);
    end(each, seconds(0), seconds(0), 100);
    EXPECT_GT(soon(each), before) << each;
  }
}

// --- what a write is followed by -----------------------------------------------------------------

TEST_F(ReuseClassesTest, CountsOnNothingToLastThatHasNotLasted) {
  const auto young = classes_->per_write(new_, PrefixKind::body, 5'000);
  wait_until(hours(2));
  const auto old = classes_->per_write(new_, PrefixKind::body, 5'000);
  EXPECT_EQ(young.uses, 0);
  EXPECT_EQ(young.late_gaps, 0);
  EXPECT_GT(old.uses, .5);
  EXPECT_GT(old.late_gaps, 0);
}

TEST_F(ReuseClassesTest, CountsLateGapsToTheEndOfALongConversation) {
  // Nine uses of ten are followed by another, one of them after a quarter of an hour: on the whole,
  // one late gap for each write.
  std::vector<ReuseClass> all{new_};
  for (const auto gap : {LastGap::brief, LastGap::late}) {
    for (std::uint32_t uses = 1; uses <= kMostUses; ++uses) {
      all.push_back(class_of_known(PrefixKind::body, gap, uses, 5'000));
    }
  }
  for (const auto use : all) begin(use, seconds(0), 400);
  for (const auto use : all) end(use, seconds(0), seconds(150), 320);
  for (const auto use : all) end(use, seconds(0), minutes(15), 40);
  wait_until(hours(48));
  EXPECT_NEAR(classes_->per_write(new_, PrefixKind::body, 5'000).late_gaps, 1, .2);
}

TEST_F(ReuseClassesTest, ExpectsLessOfWhatIsBehindALongGapThanOfWhatIsBehindAShortOne) {
  wait_until(hours(1));
  const auto after = [this](LastGap gap) {
    return classes_->per_write(class_of_known(PrefixKind::body, gap, 1, 5'000), PrefixKind::body,
                               5'000);
  };
  EXPECT_GT(after(LastGap::brief).uses, after(LastGap::longer).uses);
}

TEST_F(ReuseClassesTest, ExpectsALateGapOfLargePrefixesUntilThereIsEvidence) {
  const auto late_gaps = [this] {
    return classes_->per_write(new_, PrefixKind::head, 100'000).late_gaps;
  };
  EXPECT_DOUBLE_EQ(late_gaps(), 1);
  begin(new_, seconds(0), 200);
  wait_until(minutes(70));
  EXPECT_LT(late_gaps(), .1);
}

// --- trust ---------------------------------------------------------------------------------------

TEST_F(ReuseClassesTest, AFewMayTryBeforeTheFirstHasPaidOff) {
  for (int i = 0; i < 16; ++i) {
    EXPECT_TRUE(classes_->may_try()) << i;
    classes_->tried();
  }
  EXPECT_FALSE(classes_->may_try());
}

TEST_F(ReuseClassesTest, AUseOfANewPrefixLetsMoreTry) {
  for (int i = 0; i < 16; ++i) classes_->tried();
  begin(new_, seconds(0));
  end(new_, seconds(0), seconds(5));
  EXPECT_TRUE(classes_->may_try());
}

TEST_F(ReuseClassesTest, UsesOfWhatWasKnownAnywayDoNot) {
  for (int i = 0; i < 16; ++i) classes_->tried();
  begin(known_, seconds(0));
  end(known_, seconds(0), seconds(5));
  begin(tail_, seconds(0));
  end(tail_, seconds(0), seconds(5));
  EXPECT_FALSE(classes_->may_try());
}

}  // namespace
}  // namespace foreword::cache
