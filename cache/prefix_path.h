// One prompt against the prefixes that are remembered: how far its path is known, what to expect of
// each position, and what its use teaches. Not part of the folder's contract: prefix_memory.cc
// locks, and decides where the prefixes lie.
#pragma once

#include <array>
#include <chrono>
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
  std::uint32_t last = 0;  // use, in ShortTimes
  // Of its entry at the provider. Expired long ago: it has none.
  std::uint32_t visible = 0;
  std::uint32_t expires = 0;
  float weight = 0;            // of the use that is open
  ReuseClass open = 0;         // class of that use
  std::uint16_t partings = 0;  // prompts that left their common path behind it
  // As far as they matter:
  std::uint8_t generation = 0;
  std::uint8_t uses = 0;
  std::uint8_t from_end = 0;           // positions behind it in the prompt that it came with
  std::array<std::uint8_t, 3> gaps{};  // between its uses, by LastGap
  config::Lifetime lifetime = config::Lifetime::brief;
  bool unbegun = false;  // the answer of its entry's writer has not begun

  [[nodiscard]] bool has_history_of(const PrefixNode& other) const {
    return last == other.last && uses == other.uses && gaps == other.gaps;
  }
};
static_assert(sizeof(PrefixNode) <= 32);

struct PrefixHash {
  using is_avalanching = void;
  std::size_t operator()(const config::Hash128& hash) const { return hash.low; }
};
using PrefixTable = boost::unordered_flat_map<config::Hash128, PrefixNode, PrefixHash>;

/// How far from the end of what was new in a prompt later ones left its path.
class PartingHistogram {
 public:
  PartingHistogram();
  void add(std::size_t positions_from_end);
  /// Adds the partings to be expected of a prompt of so many positions, of which `known` are known.
  /// Their weights add up to 1 at most.
  void expect(std::uint32_t known, std::uint32_t count,
              std::vector<config::Outlook::Parting>& partings) const;

 private:
  static constexpr std::size_t kMost = 64;
  std::array<double, kMost + 1> counts_{};
  double total_ = 0;
};

class PrefixPath {
 public:
  using Prefixes = std::span<const config::PromptPrefix>;

  /// All arguments have to outlive it, and the table may not change but by use().
  PrefixPath(PrefixTable& table, const ShortTimes& times, const CacheScope& scope,
             Prefixes prefixes, config::TimePoint now);

  [[nodiscard]] std::uint32_t known() const { return static_cast<std::uint32_t>(known_.size()); }
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
  [[nodiscard]] ReuseClass class_at(std::size_t index) const;
  [[nodiscard]] float weight_at(std::size_t index) const;
  [[nodiscard]] std::size_t end_of_run(std::size_t begin) const;
  [[nodiscard]] config::Outlook::Run expect(std::size_t begin, const ReuseClasses& classes) const;
  void use_known(std::size_t begin, std::size_t end, ReuseClasses& classes);
  [[nodiscard]] std::uint32_t expiry(config::Lifetime lifetime) const;
  [[nodiscard]] LastGap gap_since(std::uint32_t last) const;
  [[nodiscard]] bool live(const PrefixNode& node) const { return now_ < node.expires; }
  [[nodiscard]] bool readable(const PrefixNode& node) const {
    return live(node) && !node.unbegun && node.visible <= now_;
  }
  [[nodiscard]] PrefixNode* entry_in_reach(std::uint32_t position, std::uint32_t& found);

  PrefixTable& table_;
  const ShortTimes& times_;
  const CacheScope& scope_;
  Prefixes prefixes_;
  std::uint32_t now_;
  std::vector<PrefixNode*> known_;  // of the first positions
  std::uint32_t known_tokens_ = 0;
  std::uint32_t new_tokens_ = 0;
  std::uint32_t generation_ = 1;
};

}  // namespace foreword::cache
