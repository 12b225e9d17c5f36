// Where the prefixes of a prompt lie in memory: nothing that is answered may depend on it.
#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
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

/// The same memory, laid out anew.
std::unique_ptr<PrefixMemory> saved_and_restored(const PrefixMemory& memory,
                                                 std::size_t max_bytes) {
  std::map<std::string, std::string> pieces;
  memory.save([&](std::string key, std::string value) { pieces[key] = std::move(value); });
  auto restored = std::make_unique<PrefixMemory>(max_bytes, kStart);
  for (const auto& [key, value] : pieces) EXPECT_TRUE(restored->restore(key, value));
  return restored;
}

/// Two memories with the same prompts: one is laid out anew from time to time.
void expect_no_difference(std::size_t max_bytes, std::size_t least_forgotten) {
  auto memory = std::make_unique<PrefixMemory>(max_bytes, kStart);
  auto laid_out = std::make_unique<PrefixMemory>(max_bytes, kStart);
  Prompts prompts;
  std::size_t sent = 0;
  for (int i = 0; i < 3000; ++i) {
    if (i % 100 == 99) laid_out = saved_and_restored(*laid_out, max_bytes);
    const auto prefixes = prompt(prompts.next());
    const auto now = kStart + seconds(i);
    const std::vector<config::Mark> marks = {{static_cast<std::uint32_t>(prefixes.size())}};
    const auto outlook = memory->outlook(kScope, prefixes, now);
    expect_same(outlook, laid_out->outlook(kScope, prefixes, now));
    sent += prefixes.size() - outlook.seen;
    const auto receipt = memory->sent(kScope, prefixes, marks, now, {now});
    EXPECT_EQ(laid_out->sent(kScope, prefixes, marks, now, {now}).shared, receipt.shared);
    ASSERT_FALSE(testing::Test::HasFailure()) << "prompt " << i;
  }
  EXPECT_EQ(memory->size(), laid_out->size());
  EXPECT_GE(sent - memory->size(), least_forgotten);
}

TEST(PrefixPaths, AreTheSameWhereverTheyLie) {
  expect_no_difference(std::size_t{1} << 26, 0);
}

TEST(PrefixPaths, AreTheSameWhereMuchIsForgotten) {
  expect_no_difference(std::size_t{1} << 21, 1000);
}

TEST(PrefixPaths, AreKnownAsFarAsAPromptWentThem) {
  PrefixMemory memory(std::size_t{1} << 26, kStart);
  Prompts prompts;
  std::set<std::uint64_t> known;
  for (int i = 0; i < 3000; ++i) {
    const auto prefixes = prompt(prompts.next());
    const auto first_new = std::ranges::find_if(
        prefixes, [&](const PromptPrefix& each) { return !known.contains(each.hash.low); });
    const auto now = kStart + seconds(i);
    ASSERT_EQ(memory.outlook(kScope, prefixes, now).seen, first_new - prefixes.begin()) << i;
    memory.sent(kScope, prefixes, {}, now, {now});
    for (const auto& each : prefixes) known.insert(each.hash.low);
  }
  EXPECT_EQ(memory.size(), known.size());
}

}  // namespace
}  // namespace foreword::cache
