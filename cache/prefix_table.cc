#include "cache/prefix_table.h"

#include <algorithm>

namespace foreword::cache {
namespace {

/// By half where it is full: a table that is nearly empty again is no better than a slower one.
template <class Vector>
void make_longer(Vector& vector, std::size_t size) {
  if (size > vector.capacity()) vector.reserve(std::max(size, vector.size() + vector.size() / 2));
  vector.resize(size);
}

}  // namespace

PrefixTable::PrefixTable() : index_(0, HashOfSlot{&hashes_}, SameHash{&hashes_}) {}

std::vector<PrefixTable::Slot> PrefixTable::path(
    std::span<const config::PromptPrefix> prefixes) const {
  std::vector<Slot> path(prefixes.size());
  Slot next = end();
  for (std::size_t i = 0; i < prefixes.size(); ++i) {
    const auto& hash = prefixes[i].hash;
    if (next == end() || !same(hashes_[next], hash)) {
      const auto found = index_.find(hash);
      if (found == index_.end()) {
        path.resize(i);
        break;
      }
      next = *found;
    }
    path[i] = next++;
  }
  return path;
}

PrefixNode* PrefixTable::find(const config::Hash128& hash) {
  const auto found = index_.find(hash);
  return found == index_.end() ? nullptr : &nodes_[*found];
}

/// A conversation that has grown will grow again: its next turns are to lie beside this one. What
/// leaves the path of others has not grown.
std::size_t PrefixTable::places_for_more(std::span<const Slot> path) const {
  constexpr std::size_t kShare = 4;
  constexpr std::size_t kMost = 64;
  if (path.empty()) return 0;
  const auto& last = nodes_[path.back()];
  if (last.from_end > 0 || last.partings > 1) return 0;
  std::size_t beside = 1;  // those of its own, without what it shares with others
  const auto first = path.size() - 1;
  while (beside <= first && beside < kShare * kMost &&
         path[first - beside] + beside == path.back()) {
    ++beside;
  }
  return std::min(beside / kShare, kMost);
}

void PrefixTable::add(std::span<const config::PromptPrefix> added, const PrefixNode& node,
                      std::vector<Slot>& path) {
  const auto spare = places_for_more(path);
  Slot next = path.empty() ? end() : path.back() + 1;
  for (std::size_t i = 0; i < added.size(); ++i) {
    if (next == end() || !is_free(next)) {
      next = end();
      append_free(added.size() - i + spare);
    }
    hashes_[next] = added[i].hash;
    nodes_[next] = node;
    index_.insert(next);
    path.push_back(next++);
  }
}

bool PrefixTable::add(const config::Hash128& hash, const PrefixNode& node) {
  if (index_.contains(hash)) return false;
  append_free(1);
  hashes_.back() = hash;
  nodes_.back() = node;
  index_.insert(end() - 1);
  return true;
}

void PrefixTable::forget_before(std::uint32_t last) {
  index_.clear();
  Slot kept = 0;
  for (Slot slot = 0; slot < end(); ++slot) {
    if (is_free(slot) || nodes_[slot].last <= last) continue;
    hashes_[kept] = hashes_[slot];
    nodes_[kept] = nodes_[slot];
    index_.insert(kept++);
  }
  hashes_.resize(kept);
  nodes_.resize(kept);
}

std::size_t PrefixTable::bytes() const {
  // Of the index: a byte for each place beside what it holds.
  return hashes_.capacity() * sizeof(config::Hash128) + nodes_.capacity() * sizeof(PrefixNode) +
         index_.bucket_count() * (sizeof(Slot) + 1);
}

void PrefixTable::append_free(std::size_t count) {
  make_longer(hashes_, hashes_.size() + count);
  make_longer(nodes_, nodes_.size() + count);
}

}  // namespace foreword::cache
