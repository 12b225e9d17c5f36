#include "simulator/anthropic_cache.h"

#include <algorithm>

namespace foreword::simulator {
namespace {

constexpr std::size_t kLookBackPositions = 20;

std::chrono::seconds lifetime(AnthropicTtl ttl) {
  return ttl == AnthropicTtl::one_hour ? std::chrono::hours(1) : std::chrono::minutes(5);
}

config::Hash128 scoped(const config::Hash128& scope, const config::Hash128& prefix) {
  return config::xxh3_128(config::to_bytes(scope) + config::to_bytes(prefix));
}

/// Positions count blocks: position p is the prefix of the first p blocks.
struct Breakpoint {
  std::size_t position = 0;
  AnthropicTtl ttl{};
};

/// The breakpoints that do anything: those whose prefix reaches the minimum. Ascending.
std::vector<Breakpoint> effective_breakpoints(std::span<const AnthropicBlock> blocks,
                                              std::uint64_t min_tokens) {
  std::vector<Breakpoint> breakpoints;
  std::uint64_t tokens = 0;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    tokens += blocks[i].tokens;
    if (blocks[i].marker && tokens >= min_tokens) breakpoints.push_back({i + 1, *blocks[i].marker});
  }
  return breakpoints;
}

AnthropicUsage bill(std::span<const AnthropicBlock> blocks, std::span<const Breakpoint> breakpoints,
                    std::size_t hit) {
  std::size_t last_1h = hit;
  for (const auto& breakpoint : breakpoints) {
    if (breakpoint.ttl == AnthropicTtl::one_hour) last_1h = std::max(last_1h, breakpoint.position);
  }
  const std::size_t last = breakpoints.empty() ? hit : std::max(hit, breakpoints.back().position);

  AnthropicUsage usage;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    if (i < hit)
      usage.cache_read += blocks[i].tokens;
    else if (i < last_1h)
      usage.write_1h += blocks[i].tokens;
    else if (i < last)
      usage.write_5m += blocks[i].tokens;
    else
      usage.input += blocks[i].tokens;
  }
  return usage;
}

}  // namespace

AnthropicCache::Lookup AnthropicCache::look_up(const config::Hash128& scope,
                                               std::span<const AnthropicBlock> blocks,
                                               std::uint64_t min_tokens, TimePoint start) {
  const auto breakpoints = effective_breakpoints(blocks, min_tokens);
  const auto key_at = [&](std::size_t position) {
    return scoped(scope, blocks[position - 1].prefix);
  };

  const std::lock_guard lock(mutex_);
  std::size_t hit = 0;
  for (auto from = breakpoints.rbegin(); from != breakpoints.rend() && hit == 0; ++from) {
    const std::size_t reach = std::min(from->position, kLookBackPositions);
    for (std::size_t back = 0; back < reach && hit == 0; ++back) {
      const std::size_t position = from->position - back;
      if (Entry* entry = find_live(key_at(position), start)) {
        entry->expires = std::max(entry->expires, start + lifetime(entry->ttl));
        hit = position;
      }
    }
  }

  Lookup lookup{bill(blocks, breakpoints, hit), {}};
  for (const auto& breakpoint : breakpoints) {
    const auto key = key_at(breakpoint.position);
    if (breakpoint.position > hit) {
      lookup.writes.push_back({key, breakpoint.ttl, start});
    } else if (Entry* entry = find_live(key, start)) {
      // A marked prefix inside the hit is used as well: its life starts again, with its own TTL.
      // One that is not there is not made for free.
      entry->expires = std::max(entry->expires, start + lifetime(entry->ttl));
    }
  }
  return lookup;
}

void AnthropicCache::publish(std::span<const Write> writes) {
  const std::lock_guard lock(mutex_);
  for (const auto& write : writes) {
    make_room(write.start);
    const Entry entry{write.ttl, write.start + lifetime(write.ttl)};
    // Of two parallel writers the one whose entry lives longer wins.
    const auto [place, is_new] = entries_.try_emplace(write.key, entry);
    if (!is_new && place->second.expires < entry.expires) place->second = entry;
  }
}

void AnthropicCache::clear() {
  const std::lock_guard lock(mutex_);
  entries_.clear();
}

AnthropicCache::Entry* AnthropicCache::find_live(const config::Hash128& key, TimePoint now) {
  const auto found = entries_.find(key);
  if (found == entries_.end() || found->second.expires <= now) return nullptr;
  return &found->second;
}

void AnthropicCache::make_room(TimePoint now) {
  if (entries_.size() < kMaxEntries) return;
  erase_if(entries_, [now](const auto& item) { return item.second.expires <= now; });
  if (entries_.size() >= kMaxEntries) entries_.clear();
}

}  // namespace foreword::simulator
