// One prompt against the prefixes that are remembered: how far its path is known, what to expect of
// each position, and what its use teaches. Not part of the folder's contract: prefix_memory.cc
// locks, and decides where the prefixes lie.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "cache/prefix_memory.h"
#include "cache/prefix_table.h"
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

  /// All arguments have to outlive it, and the table may not change but by use().
  PrefixPath(PrefixTable& table, const ShortTimes& times, const CacheScope& scope,
             Prefixes prefixes, config::TimePoint now);

  [[nodiscard]] std::uint32_t known() const { return static_cast<std::uint32_t>(known_); }
  /// Of the positions behind `warm`. REQUIRES: there is a position.
  [[nodiscard]] std::vector<config::Outlook::Run> runs(const ReuseClasses& classes,
                                                       std::uint32_t warm) const;
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
  void use_known(Lesson& lesson);
  void add_new(Lesson& lesson);
  [[nodiscard]] std::uint32_t expiry(config::Lifetime lifetime) const;
  [[nodiscard]] LastGap gap_since(std::uint32_t last) const;
  [[nodiscard]] bool live(const PrefixNode& node) const { return now_ < node.expires; }
  [[nodiscard]] bool readable(const PrefixNode& node) const {
    return live(node) && !node.unbegun && node.visible <= now_;
  }
  /// What prompts share is like a head, whatever it stands in.
  [[nodiscard]] config::PrefixKind kind_at(std::size_t index) const {
    return index < shared_ ? config::PrefixKind::head : prefixes_[index].kind;
  }
  [[nodiscard]] PrefixNode& node_at(std::size_t index) { return table_.at(slots_[index]); }
  [[nodiscard]] const PrefixNode& node_at(std::size_t index) const {
    return table_.at(slots_[index]);
  }
  [[nodiscard]] PrefixNode* entry_in_reach(std::uint32_t position, std::uint32_t& found);

  PrefixTable& table_;
  const ShortTimes& times_;
  const CacheScope& scope_;
  Prefixes prefixes_;
  std::uint32_t now_;
  /// Of the first positions: those that are known; after use(), of all.
  std::vector<PrefixTable::Slot> slots_;
  std::size_t known_ = 0;   // before use()
  std::size_t shared_ = 0;  // of those, up to where several prompts parted
  std::uint32_t known_tokens_ = 0;
  std::uint32_t new_tokens_ = 0;
  std::uint32_t generation_ = 1;
};

}  // namespace foreword::cache
