// One prompt against the prefixes that are remembered: how far its path is known, what to expect of
// each position, and what its use teaches. Not part of the folder's contract: prefix_memory.cc
// locks, and decides where the prefixes lie.
#pragma once

#include <array>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "cache/prefix_memory.h"
#include "cache/reuse_classes.h"

namespace foreword::cache {

/// Times as they are kept: 50 ms each since the memory began, for nearly seven years.
class ShortTimes {
 public:
  explicit ShortTimes(config::TimePoint start) : start_(start) {}
  [[nodiscard]] config::TimePoint start() const { return start_; }
  /// The latest that is not behind `time`, and the earliest that is not in front of it.
  [[nodiscard]] std::uint32_t at_most(config::TimePoint time) const;
  [[nodiscard]] std::uint32_t at_least(config::TimePoint time) const;
  [[nodiscard]] config::TimePoint time(std::uint32_t ticks) const { return start_ + ticks * kTick; }

 private:
  static constexpr std::chrono::milliseconds kTick{50};
  config::TimePoint start_;
};

/// 28 bytes: with its hash and its share of a table's empty places, at most 112.
struct PrefixNode {
  // What tells runs apart, in the first two words:
  std::uint32_t last = 0;              // use, in ShortTimes
  std::uint8_t uses = 0;               // as far as they matter
  std::array<std::uint8_t, 3> gaps{};  // between its uses, by LastGap, as far as they matter
  // Of its entry at the provider. Expired long ago: it has none.
  std::uint32_t visible = 0;
  std::uint32_t expires = 0;
  float weight = 0;            // of the use that is open
  ReuseClass open = 0;         // class of that use
  std::uint16_t partings = 0;  // prompts that left their common path behind it
  // As far as they matter:
  std::uint8_t generation = 0;
  std::uint8_t from_end = 0;  // positions behind it in the prompt that it came with
  config::Lifetime lifetime = config::Lifetime::brief;
  bool unbegun = false;  // the answer of its entry's writer has not begun

  /// What was before: neighbours of which it is the same are one run.
  struct History {
    std::uint32_t last = 0;
    std::uint32_t counts = 0;  // uses and gaps
    bool operator==(const History&) const = default;
  };
  [[nodiscard]] History history() const {
    const auto words = std::bit_cast<std::array<std::uint32_t, 7>>(*this);
    return {words[0], words[1]};
  }
};
static_assert(sizeof(PrefixNode) == 28 && offsetof(PrefixNode, gaps) == 5);

struct PrefixHash {
  using is_avalanching = void;
  std::size_t operator()(const config::Hash128& hash) const { return hash.low; }
};
/// Without a call of memcmp.
struct SamePrefix {
  bool operator()(const config::Hash128& a, const config::Hash128& b) const {
    return ((a.low ^ b.low) | (a.high ^ b.high)) == 0;
  }
};
using PrefixTable = boost::unordered_flat_map<config::Hash128, PrefixNode, PrefixHash, SamePrefix>;

/// The nodes of the prompt that was looked up last in a table. Most look-ups are of the same prompt
/// again, since outlook() comes before sent(), or of its conversation's next turn.
struct LatestPath {
  /// Longer ones are not kept.
  static constexpr std::size_t kMost = 1 << 14;

  std::vector<PrefixNode*> nodes;  // of its first positions
  config::Hash128 end;             // of the last of them

  /// REQUIRES: called when nodes of the table went or moved, but by PrefixPath.
  void forget() { nodes.clear(); }
};

/// How far from the end of what was new in a prompt later ones left its path.
class PartingHistogram {
 public:
  PartingHistogram();
  void add(std::size_t positions_from_end);
  /// Adds the partings to be expected of a prompt of so many positions, of which `known` are known.
  /// Their weights add up to 1 at most.
  void expect(std::uint32_t known, std::uint32_t count,
              std::vector<config::Outlook::Parting>& partings) const;

  void save(records::PrefixScope& scope) const;
  [[nodiscard]] bool restore(const records::PrefixScope& scope);

 private:
  static constexpr std::size_t kMost = 64;
  std::array<double, kMost + 1> counts_{};
  double total_ = 0;
};

class Lesson;

class PrefixPath {
 public:
  using Prefixes = std::span<const config::PromptPrefix>;

  /// All arguments have to outlive it, and the table may not change but by use(). `latest`: always
  /// the same with a table.
  PrefixPath(PrefixTable& table, LatestPath& latest, const ShortTimes& times,
             const CacheScope& scope, Prefixes prefixes, config::TimePoint now);
  ~PrefixPath();
  PrefixPath(const PrefixPath&) = delete;
  PrefixPath& operator=(const PrefixPath&) = delete;

  [[nodiscard]] std::uint32_t known() const { return static_cast<std::uint32_t>(known_); }
  [[nodiscard]] std::vector<config::Outlook::Run> runs(const ReuseClasses& classes) const;
  void find_entries(config::Outlook& outlook) const;
  [[nodiscard]] std::vector<config::Outlook::Parting> partings(
      const PartingHistogram& histogram) const;

  /// Counts this use of every position, and adds those that were not known.
  void use(ReuseClasses& classes, PartingHistogram& histogram);
  /// The provider's side of it: reads the longest entry that the breakpoints reach, and writes the
  /// rest. REQUIRES: use() was called.
  void mark(std::span<const config::Mark> marks, const Visible& visible,
            PrefixMemory::Receipt& receipt);
  /// REQUIRES: use() was called.
  void find_shared(PrefixMemory::Receipt& receipt) const;

 private:
  /// The class of known positions with such a history, which most have that the one before had.
  struct KnownClass {
    config::PrefixKind kind{};
    std::uint32_t last = 0;
    std::uint32_t uses = 0;  // 0: none yet
    LastGap gap{};
    ReuseClass use = 0;
  };
  void find_class(std::size_t index, KnownClass& of) const;
  [[nodiscard]] ReuseClass class_of_new_at(std::size_t index) const;
  [[nodiscard]] float weight_at(std::size_t index, std::uint32_t whole) const;
  [[nodiscard]] std::size_t end_of_run(std::size_t begin) const;
  [[nodiscard]] config::Outlook::Run expect_of_class(ReuseClass use, std::size_t index,
                                                     const ReuseClasses& classes) const;
  static void expect_of_own(const PrefixNode& node, config::Outlook::Run& run);
  void find_nodes(std::size_t count);
  void use_known(Lesson& lesson);
  void add_new(Lesson& lesson);
  void add_new(std::size_t begin, std::size_t end, Lesson& lesson);
  [[nodiscard]] std::uint32_t expiry(config::Lifetime lifetime) const;
  [[nodiscard]] LastGap gap_since(std::uint32_t last) const;
  [[nodiscard]] bool live(const PrefixNode& node) const { return now_ < node.expires; }
  [[nodiscard]] bool readable(const PrefixNode& node) const {
    return live(node) && !node.unbegun && node.visible <= now_;
  }
  [[nodiscard]] PrefixNode* entry_in_reach(std::uint32_t position, std::uint32_t& found);

  PrefixTable& table_;
  LatestPath& latest_;
  const ShortTimes& times_;
  const CacheScope& scope_;
  Prefixes prefixes_;
  std::uint32_t now_;
  /// Of the first positions: those that are known; after use(), of all.
  std::vector<PrefixNode*>& nodes_ = latest_.nodes;
  std::size_t known_ = 0;  // before use()
  std::uint32_t known_tokens_ = 0;
  std::uint32_t new_tokens_ = 0;
  std::uint32_t generation_ = 1;
};

}  // namespace foreword::cache
