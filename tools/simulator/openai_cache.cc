#include "simulator/openai_cache.h"

#include <algorithm>

#include "config/limits.h"

namespace foreword::simulator {
namespace {

using config::limits::kOpenAiMaxBreakpointsExplicit;
using config::limits::kOpenAiMaxBreakpointsImplicit;

constexpr std::uint64_t kMinTokens = 1024;
constexpr std::size_t kFirstExplicitReads = 2;
constexpr std::size_t kLatestExplicitReads = 50;
constexpr std::size_t kEarlierMessageEndReads = 20;

std::chrono::seconds lifetime(OpenAiTtl ttl) {
  return ttl == OpenAiTtl::twelve_hours ? std::chrono::hours(12) : std::chrono::minutes(30);
}

config::Hash128 scoped(const config::Hash128& scope, const config::Hash128& prefix) {
  return config::xxh3_128(config::to_bytes(scope) + config::to_bytes(prefix));
}

std::vector<Boundary> select(std::span<const Boundary> boundaries, auto wanted) {
  std::vector<Boundary> selected;
  for (const auto& boundary : boundaries) {
    if (boundary.position >= kMinTokens && wanted(boundary)) selected.push_back(boundary);
  }
  return selected;
}

std::span<const Boundary> latest(const std::vector<Boundary>& all, std::size_t count) {
  return std::span(all).last(std::min(all.size(), count));
}

void append(std::vector<Boundary>& list, std::span<const Boundary> more) {
  list.insert(list.end(), more.begin(), more.end());
}

/// Adds a breakpoint that the request did not ask for; one that it did ask for keeps its own TTL.
void add_implied(std::vector<Boundary>& writes, Boundary boundary, OpenAiTtl ttl) {
  const auto same = [&](const Boundary& write) { return write.position == boundary.position; };
  if (std::any_of(writes.begin(), writes.end(), same)) return;
  boundary.marker = ttl;
  writes.push_back(boundary);
}

}  // namespace

BreakpointPlan plan_breakpoints(std::span<const Boundary> boundaries,
                                const BreakpointPolicy& policy) {
  const auto marked = select(boundaries, [](const Boundary& b) { return b.marker.has_value(); });
  const auto ends = select(boundaries, [](const Boundary& b) { return b.is_message_end; });
  const auto developer = select(boundaries, [](const Boundary& b) { return b.is_developer_end; });

  BreakpointPlan plan;
  append(plan.writes, latest(marked, policy.is_explicit ? kOpenAiMaxBreakpointsExplicit
                                                        : kOpenAiMaxBreakpointsImplicit));
  append(plan.reads, std::span(marked).first(std::min(marked.size(), kFirstExplicitReads)));
  append(plan.reads, latest(marked, kLatestExplicitReads));
  if (!policy.is_explicit) {
    if (!ends.empty()) add_implied(plan.writes, ends.back(), policy.ttl);
    if (policy.share_developer_block && !developer.empty()) {
      add_implied(plan.writes, developer.back(), policy.ttl);
    }
    append(plan.reads, latest(ends, kEarlierMessageEndReads + 1));
    append(plan.reads, developer);
  }
  const auto by_position = [](const Boundary& a, const Boundary& b) {
    return a.position < b.position;
  };
  std::sort(plan.writes.begin(), plan.writes.end(), by_position);
  std::sort(plan.reads.rbegin(), plan.reads.rend(), by_position);
  return plan;
}

OpenAiCache::Lookup OpenAiCache::look_up(const config::Hash128& scope, const BreakpointPlan& plan,
                                         std::uint64_t prompt_tokens, TimePoint start) {
  Lookup lookup;
  const std::lock_guard lock(mutex_);
  for (const auto& read : plan.reads) {
    if (!touch(scoped(scope, read.prefix), start)) continue;
    lookup.usage.cached = read.position;
    break;
  }
  std::uint64_t done = lookup.usage.cached;
  for (const auto& write : plan.writes) {
    const auto key = scoped(scope, write.prefix);
    if (write.position <= done) {
      // Inside what was read: it is used too, so its life starts again if it has one.
      (void)touch(key, start);
      continue;
    }
    auto& written = *write.marker == OpenAiTtl::twelve_hours ? lookup.usage.written_12h
                                                             : lookup.usage.written_30m;
    written += write.position - done;
    done = write.position;
    lookup.writes.push_back({key, *write.marker, start});
  }
  lookup.usage.input = prompt_tokens - done;
  return lookup;
}

void OpenAiCache::publish(std::span<const Write> writes) {
  const std::lock_guard lock(mutex_);
  for (const auto& write : writes) {
    make_room(write.start);
    const Entry entry{write.ttl, write.start + lifetime(write.ttl)};
    const auto [place, is_new] = entries_.try_emplace(write.key, entry);
    if (!is_new && place->second.expires < entry.expires) place->second = entry;
  }
}

void OpenAiCache::clear() {
  const std::lock_guard lock(mutex_);
  entries_.clear();
}

bool OpenAiCache::touch(const config::Hash128& key, TimePoint start) {
  const auto found = entries_.find(key);
  if (found == entries_.end() || found->second.expires <= start) return false;
  found->second.expires = std::max(found->second.expires, start + lifetime(found->second.ttl));
  return true;
}

void OpenAiCache::make_room(TimePoint now) {
  if (entries_.size() < kMaxEntries) return;
  erase_if(entries_, [now](const auto& item) { return item.second.expires <= now; });
  if (entries_.size() >= kMaxEntries) entries_.clear();
}

}  // namespace foreword::simulator
