#include "simulator/prefix_cache.h"

#include <algorithm>

#include <xxhash.h>

namespace foreword::simulator {
namespace {

constexpr std::size_t kBlockTokens = 128;

/// One hash per whole block, each of everything up to its end.
std::vector<std::uint64_t> chain_blocks(const config::Hash128& scope,
                                        std::span<const Token> tokens) {
  std::vector<std::uint64_t> blocks;
  blocks.reserve(tokens.size() / kBlockTokens);
  std::uint64_t chain = scope.low;
  for (std::size_t end = kBlockTokens; end <= tokens.size(); end += kBlockTokens) {
    const auto block = tokens.subspan(end - kBlockTokens, kBlockTokens);
    chain = XXH3_64bits_withSeed(block.data(), block.size_bytes(), chain);
    blocks.push_back(chain);
  }
  return blocks;
}

}  // namespace

PrefixCache::Lookup PrefixCache::look_up(const config::Hash128& scope,
                                         std::span<const Token> tokens, std::uint64_t min_tokens,
                                         PrefixLifetime lifetime, TimePoint start) {
  Lookup lookup{0, chain_blocks(scope, tokens), lifetime, start};
  const std::lock_guard lock(mutex_);
  std::size_t hit = 0;
  for (; hit < lookup.blocks.size(); ++hit) {
    const auto found = entries_.find(lookup.blocks[hit]);
    if (found == entries_.end() || !found->second.is_live(start)) break;
  }
  if (hit * kBlockTokens < min_tokens) return lookup;
  for (std::size_t i = 0; i < hit; ++i) {
    Entry& entry = entries_.find(lookup.blocks[i])->second;
    entry.used = std::max(entry.used, start);
  }
  lookup.cached_tokens = hit * kBlockTokens;
  return lookup;
}

void PrefixCache::publish(const Lookup& lookup) {
  const std::lock_guard lock(mutex_);
  make_room(lookup.start);
  for (const std::uint64_t block : lookup.blocks) {
    const Entry fresh{lookup.start, lookup.start, lookup.lifetime};
    const auto [place, is_new] = entries_.try_emplace(block, fresh);
    if (is_new) continue;
    Entry& entry = place->second;
    if (entry.is_live(lookup.start))
      entry.used = std::max(entry.used, lookup.start);
    else
      entry = fresh;
  }
}

void PrefixCache::clear() {
  const std::lock_guard lock(mutex_);
  entries_.clear();
}

void PrefixCache::make_room(TimePoint now) {
  if (entries_.size() < kMaxBlocks) return;
  erase_if(entries_, [now](const auto& item) { return !item.second.is_live(now); });
  if (entries_.size() >= kMaxBlocks) entries_.clear();
}

}  // namespace foreword::simulator
