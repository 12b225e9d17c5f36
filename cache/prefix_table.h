// The prefixes that are remembered of a stripe's prompts, those of a prompt side by side: to follow
// a path of a thousand is to read on, not to look up a thousand. Not part of the folder's contract.
//
// Not thread-safe: the owner locks.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <boost/unordered/unordered_flat_set.hpp>

#include "cache/reuse_classes.h"
#include "config/hash128.h"
#include "config/outlook.h"

namespace foreword::cache {

/// 28 bytes.
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

class PrefixTable {
 public:
  /// Where a prefix lies, until forget_before().
  using Slot = std::uint32_t;
  /// What one costs at most: with its hash, the places that are kept free for more, and its share
  /// of the index.
  static constexpr std::size_t kBytesPerPrefix = 112;

  PrefixTable();
  PrefixTable(const PrefixTable&) = delete;
  PrefixTable& operator=(const PrefixTable&) = delete;

  /// Where the first positions of a prompt lie, as far as they are known.
  [[nodiscard]] std::vector<Slot> path(std::span<const config::PromptPrefix> prefixes) const;
  /// nullptr: it is not known.
  [[nodiscard]] PrefixNode* find(const config::Hash128& hash);
  [[nodiscard]] PrefixNode& at(Slot slot) { return nodes_[slot]; }
  [[nodiscard]] const PrefixNode& at(Slot slot) const { return nodes_[slot]; }

  /// Adds what is new of a prompt, of which `path` is known, and its places to `path`: behind the
  /// last known one where that is free. Such nodes as `node` is, in which the caller fills in what
  /// differs. REQUIRES: none of `hashes` is known.
  void add(std::span<const config::PromptPrefix> added, const PrefixNode& node,
           std::vector<Slot>& path);
  /// Behind what was added last. False: it is known.
  bool add(const config::Hash128& hash, const PrefixNode& node);
  /// Forgets what was last used at that time or before.
  void forget_before(std::uint32_t last);

  [[nodiscard]] std::size_t size() const { return index_.size(); }
  /// With those that are kept free.
  [[nodiscard]] std::size_t places() const { return nodes_.size(); }
  [[nodiscard]] std::size_t bytes() const;
  /// Calls visit(hash, node) for each, those of a path one after the other.
  template <class Visit>
  void each(Visit&& visit) const {
    for (Slot slot = 0; slot < nodes_.size(); ++slot) {
      if (!is_free(slot)) visit(hashes_[slot], nodes_[slot]);
    }
  }

 private:
  using Hashes = std::vector<config::Hash128>;
  // The index holds slots, and compares what they hold.
  struct HashOfSlot {
    using is_avalanching = void;
    using is_transparent = void;
    const Hashes* hashes = nullptr;
    std::size_t operator()(Slot slot) const { return (*hashes)[slot].low; }
    std::size_t operator()(const config::Hash128& hash) const { return hash.low; }
  };
  struct SameHash {
    using is_transparent = void;
    const Hashes* hashes = nullptr;
    bool operator()(Slot a, Slot b) const { return a == b; }
    bool operator()(Slot slot, const config::Hash128& hash) const {
      return same((*hashes)[slot], hash);
    }
    bool operator()(const config::Hash128& hash, Slot slot) const {
      return same((*hashes)[slot], hash);
    }
  };
  /// Without a call of memcmp.
  static bool same(const config::Hash128& a, const config::Hash128& b) {
    return ((a.low ^ b.low) | (a.high ^ b.high)) == 0;
  }
  [[nodiscard]] bool is_free(Slot slot) const { return nodes_[slot].uses == 0; }
  [[nodiscard]] std::size_t places_for_more(std::span<const Slot> path) const;
  [[nodiscard]] Slot end() const { return static_cast<Slot>(nodes_.size()); }
  void append_free(std::size_t count);

  Hashes hashes_;                  // of free places: zero
  std::vector<PrefixNode> nodes_;  // as many
  boost::unordered_flat_set<Slot, HashOfSlot, SameHash> index_;
};

}  // namespace foreword::cache
