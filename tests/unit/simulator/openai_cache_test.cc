#include "simulator/openai_cache.h"

#include <string>

#include <gtest/gtest.h>

namespace foreword::simulator {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using Usage = OpenAiUsage;

constexpr auto k30m = OpenAiTtl::half_hour;
constexpr auto k12h = OpenAiTtl::twelve_hours;

/// A prompt under construction: text that names its content, and places in it.
class Prompt {
 public:
  Prompt& text(const std::string& name, std::uint64_t tokens) {
    content_ += name + " ";
    tokens_ += tokens;
    return *this;
  }
  Prompt& mark(OpenAiTtl ttl = k30m) {
    here().marker = ttl;
    return *this;
  }
  Prompt& end_user() {
    here().is_message_end = true;
    return *this;
  }
  Prompt& end_developer() {
    here().is_message_end = true;
    here().is_developer_end = true;
    return *this;
  }
  [[nodiscard]] const std::vector<Boundary>& boundaries() const { return boundaries_; }
  [[nodiscard]] std::uint64_t tokens() const { return tokens_; }

 private:
  Boundary& here() {
    if (boundaries_.empty() || boundaries_.back().position != tokens_) {
      boundaries_.push_back({tokens_, config::xxh3_128(content_), {}, false, false});
    }
    return boundaries_.back();
  }
  std::string content_;
  std::uint64_t tokens_ = 0;
  std::vector<Boundary> boundaries_;
};

class OpenAiCacheTest : public testing::Test {
 protected:
  OpenAiCache::Lookup ask(const Prompt& prompt) {
    return cache_.look_up(scope_, plan_breakpoints(prompt.boundaries(), policy_), prompt.tokens(),
                          now_);
  }
  Usage send(const Prompt& prompt) {
    const auto lookup = ask(prompt);
    cache_.publish(lookup.writes);
    return lookup.usage;
  }
  static Prompt chat(const std::string& question) {
    return Prompt().text("system", 2000).end_developer().text(question, 500).end_user();
  }
  static Prompt marked(const std::string& question, OpenAiTtl ttl = k30m) {
    return Prompt().text("kb", 2000).mark(ttl).end_developer().text(question, 500).end_user();
  }

  OpenAiCache cache_;
  BreakpointPolicy policy_;
  config::Hash128 scope_{1, 2};
  TimePoint now_{};
};

TEST_F(OpenAiCacheTest, TheImpliedBreakpointIsTheLastMessageEnd) {
  EXPECT_EQ(send(chat("hello")), (Usage{0, 0, 2500, 0}));
  EXPECT_EQ(send(chat("hello")), (Usage{0, 2500, 0, 0}));
}

TEST_F(OpenAiCacheTest, AConversationReadsItsEarlierTurnAndWritesTheNew) {
  send(chat("hello"));
  EXPECT_EQ(send(chat("hello").text("answer", 100).text("more", 50).end_user()),
            (Usage{0, 2500, 150, 0}));
}

TEST_F(OpenAiCacheTest, AnotherUsersQuestionWritesAllAgainWithoutAnExplicitBreakpoint) {
  send(chat("hello"));
  EXPECT_EQ(send(chat("goodbye")), (Usage{0, 0, 2500, 0}));
}

TEST_F(OpenAiCacheTest, SharingTheDeveloperBlockIsAnOption) {
  policy_.share_developer_block = true;
  send(chat("hello"));
  EXPECT_EQ(send(chat("goodbye")), (Usage{0, 2000, 500, 0}));
}

TEST_F(OpenAiCacheTest, AnExplicitBreakpointIsSharedBetweenQuestions) {
  send(marked("hello"));
  EXPECT_EQ(send(marked("goodbye")).cached, 2000u);
}

TEST_F(OpenAiCacheTest, InExplicitModeTheTailIsNeitherWrittenNorPremium) {
  policy_.is_explicit = true;
  EXPECT_EQ(send(marked("hello")), (Usage{500, 0, 2000, 0}));
  EXPECT_EQ(send(marked("goodbye")), (Usage{500, 2000, 0, 0}));
}

TEST_F(OpenAiCacheTest, InExplicitModeWithoutBreakpointsNothingIsCached) {
  policy_.is_explicit = true;
  EXPECT_EQ(send(chat("hello")), (Usage{2500, 0, 0, 0}));
  EXPECT_EQ(send(chat("hello")), (Usage{2500, 0, 0, 0}));
}

TEST_F(OpenAiCacheTest, ABoundaryIsExactNotRounded) {
  policy_.is_explicit = true;
  const Prompt prompt = Prompt().text("kb", 1025).mark().text("question", 10);
  EXPECT_EQ(send(prompt), (Usage{10, 0, 1025, 0}));
}

TEST_F(OpenAiCacheTest, Below1024TokensNothingIsCached) {
  const Prompt prompt = Prompt().text("small", 1023).mark().end_user();
  EXPECT_EQ(send(prompt), (Usage{1023, 0, 0, 0}));
}

TEST_F(OpenAiCacheTest, ExplicitModeTakesTheLatestFourBreakpoints) {
  policy_.is_explicit = true;
  Prompt prompt;
  for (const char* name : {"a", "b", "c", "d", "e"}) prompt.text(name, 2000).mark();
  const auto plan = plan_breakpoints(prompt.boundaries(), policy_);
  ASSERT_EQ(plan.writes.size(), 4u);
  EXPECT_EQ(plan.writes.front().position, 4000u);
}

TEST_F(OpenAiCacheTest, ImplicitModeTakesTheLatestThreeAndTheImpliedOne) {
  Prompt prompt;
  for (const char* name : {"a", "b", "c", "d"}) prompt.text(name, 2000).mark();
  prompt.text("question", 10).end_user();
  const auto plan = plan_breakpoints(prompt.boundaries(), policy_);
  ASSERT_EQ(plan.writes.size(), 4u);
  EXPECT_EQ(plan.writes.front().position, 4000u);
  EXPECT_EQ(plan.writes.back().position, 8010u);
}

TEST_F(OpenAiCacheTest, TheLookBackIsFarWiderThanAnthropics) {
  policy_.is_explicit = true;
  send(Prompt().text("kb", 2000).mark());
  Prompt longer = Prompt().text("kb", 2000).mark();
  for (int i = 0; i < 40; ++i) longer.text("turn" + std::to_string(i), 100).mark();
  EXPECT_EQ(send(longer).cached, 2000u);
}

TEST_F(OpenAiCacheTest, EntriesLiveForHalfAnHourFromTheStartOfTheirLastUse) {
  send(marked("one"));
  now_ += minutes(29);
  EXPECT_EQ(send(marked("two")).cached, 2000u);
  now_ += minutes(29);
  EXPECT_EQ(send(marked("three")).cached, 2000u) << "reading refreshes";
  now_ += minutes(31);
  EXPECT_EQ(send(marked("four")).cached, 0u);
}

TEST_F(OpenAiCacheTest, TwelveHoursAreBilledApartAndLiveTwelveHours) {
  policy_.is_explicit = true;
  EXPECT_EQ(send(marked("one", k12h)), (Usage{500, 0, 0, 2000}));
  now_ += hours(11);
  EXPECT_EQ(send(marked("two", k12h)).cached, 2000u);
}

TEST_F(OpenAiCacheTest, TtlsMayDifferPerBreakpoint) {
  const Prompt prompt = marked("question", k12h);
  EXPECT_EQ(send(prompt), (Usage{0, 0, 500, 2000}));
}

TEST_F(OpenAiCacheTest, NothingCanBeReadBeforeTheFirstByte) {
  (void)ask(marked("one"));
  EXPECT_EQ(ask(marked("two")).usage.cached, 0u);
}

TEST_F(OpenAiCacheTest, AnotherScopeSharesNothing) {
  send(marked("one"));
  scope_ = {3, 4};
  EXPECT_EQ(send(marked("one")).cached, 0u);
}

}  // namespace
}  // namespace foreword::simulator
