// Which ids may have a row already. Private to cache/.
//
// Nearly every row is the first of its id, and looking each up in the store would cost a third of
// what writing it does. An answer of "new" is certain. Bounded memory, 256 KiB. One thread at a
// time.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "cache/request_id.h"

namespace foreword::cache {

class WrittenIds {
 public:
  /// `last`: none of the rows in the store has a later id.
  explicit WrittenIds(const RequestId& last) : forgotten_(last) {}

  [[nodiscard]] bool is_new(const RequestId& id) const {
    return id > forgotten_ && !recent_.contains(mark_of(id)) && !before_.contains(mark_of(id));
  }
  void add(const RequestId& id) {
    recent_.insert(mark_of(id));
    recent_.last = std::max(recent_.last, id);
    if (++recent_.size < kMost) return;
    forgotten_ = std::max(forgotten_, before_.last);
    before_ = std::exchange(recent_, Marks());
  }

 private:
  static constexpr std::size_t kMost = 8'192;

  struct Marks {
    RequestId last;
    std::size_t size = 0;
    std::vector<std::uint64_t> slots = std::vector<std::uint64_t>(2 * kMost);  // 0: free

    /// Of the mark, or the free one where it belongs.
    [[nodiscard]] std::size_t slot_of(std::uint64_t mark) const {
      auto at = static_cast<std::size_t>(mark >> 32) % slots.size();
      while (slots[at] != 0 && slots[at] != mark) at = (at + 1) % slots.size();
      return at;
    }
    [[nodiscard]] bool contains(std::uint64_t mark) const { return slots[slot_of(mark)] != 0; }
    void insert(std::uint64_t mark) { slots[slot_of(mark)] = mark; }
  };

  /// Two ids of one mark are taken for one: a look-up too many.
  static std::uint64_t mark_of(const RequestId& id) {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    std::memcpy(&high, id.bytes.data(), sizeof high);
    std::memcpy(&low, id.bytes.data() + sizeof high, sizeof low);
    auto mark = (high ^ (low << 17 | low >> 47)) * 0x9e3779b97f4a7c15U;
    mark = (mark ^ mark >> 29) * 0xbf58476d1ce4e5b9U;
    return (mark ^ mark >> 32) | 1;
  }

  RequestId forgotten_;  // whether an id up to this one was written is not known
  Marks recent_;
  Marks before_;
};

}  // namespace foreword::cache
