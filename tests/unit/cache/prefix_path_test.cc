// The path that was looked up last is kept with its table: nothing that is answered may depend on
// it.
#include <chrono>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "cache/prefix_memory.h"

namespace foreword::cache {
namespace {

using config::Outlook;
using config::PrefixKind;
using config::PromptPrefix;
using config::TimePoint;
using std::chrono::seconds;

constexpr TimePoint kStart{std::chrono::hours(500'000)};
const CacheScope kScope{{1, 1}, seconds(300), seconds(3600)};

using Names = std::vector<std::uint64_t>;

/// All lie in one stripe, and no two have a hash in common that have no names in common.
std::vector<PromptPrefix> prompt(const Names& names) {
  std::vector<PromptPrefix> prefixes;
  std::uint64_t chain = 1;
  for (const auto name : names) {
    chain = (chain + name) * 0x9e3779b97f4a7c15;
    chain ^= chain >> 29;
    const auto tokens = static_cast<std::uint32_t>(prefixes.size() + 1) * 1000;
    prefixes.push_back({{0, chain}, tokens, PrefixKind::body, true});
  }
  return prefixes;
}

/// Prompts as they come in: most go on where one ended, some part from it on their way, begin anew,
/// or come back from long ago.
class Prompts {
 public:
  Names next() {
    auto& names = conversations_[random_() % conversations_.size()];
    const auto what = random_() % 10;
    if (what == 2 && !sent_.empty()) return sent_[random_() % sent_.size()];
    if (what == 0) names.clear();
    if (what == 1) names.resize(names.size() / 2);
    const auto more = random_() % 4;
    for (std::uint64_t i = 0; i < more || names.empty(); ++i) names.push_back(random_());
    sent_.push_back(names);
    return names;
  }
  Names another() { return conversations_[random_() % conversations_.size()]; }

 private:
  std::mt19937_64 random_{7};
  std::vector<Names> sent_;
  std::vector<Names> conversations_ = std::vector<Names>(8);
};

void expect_same(const Outlook& a, const Outlook& b) {
  EXPECT_EQ(a.seen, b.seen);
  EXPECT_EQ(a.warm ? a.warm->position : 0, b.warm ? b.warm->position : 0);
  ASSERT_EQ(a.runs.size(), b.runs.size());
  for (std::size_t i = 0; i < a.runs.size(); ++i) {
    EXPECT_EQ(a.runs[i].end, b.runs[i].end);
    EXPECT_EQ(a.runs[i].soon, b.runs[i].soon);
    EXPECT_EQ(a.runs[i].uses, b.runs[i].uses);
  }
  ASSERT_EQ(a.partings.size(), b.partings.size());
  for (std::size_t i = 0; i < a.partings.size(); ++i) {
    EXPECT_EQ(a.partings[i].position, b.partings[i].position);
  }
}

/// Two memories with the same prompts: one is asked for another prompt in between each time.
void expect_no_difference(std::size_t max_bytes, std::size_t least_forgotten) {
  PrefixMemory memory(max_bytes, kStart);
  PrefixMemory distracted(max_bytes, kStart);
  Prompts prompts;
  std::size_t sent = 0;
  for (int i = 0; i < 3000; ++i) {
    const auto prefixes = prompt(prompts.next());
    const auto other = prompt(prompts.another());
    const auto now = kStart + seconds(i);
    const std::vector<config::Mark> marks = {{static_cast<std::uint32_t>(prefixes.size())}};
    const auto expected = [&] {
      if (!other.empty()) (void)distracted.outlook(kScope, other, now);
      return distracted.outlook(kScope, prefixes, now);
    }();
    const auto outlook = memory.outlook(kScope, prefixes, now);
    expect_same(outlook, expected);
    sent += prefixes.size() - outlook.seen;
    if (!other.empty()) (void)distracted.outlook(kScope, other, now);
    const auto receipt = memory.sent(kScope, prefixes, marks, now, {now});
    EXPECT_EQ(distracted.sent(kScope, prefixes, marks, now, {now}).shared, receipt.shared);
    ASSERT_FALSE(testing::Test::HasFailure()) << "prompt " << i;
  }
  EXPECT_EQ(memory.size(), distracted.size());
  EXPECT_GE(sent - memory.size(), least_forgotten);
}

TEST(PrefixPaths, AreTheSameWhateverWasAskedBefore) {
  expect_no_difference(std::size_t{1} << 26, 0);
}

TEST(PrefixPaths, AreTheSameWhereMuchIsForgotten) {
  expect_no_difference(std::size_t{1} << 21, 1000);
}

}  // namespace
}  // namespace foreword::cache
