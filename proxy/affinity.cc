#include "proxy/affinity.h"

#include <algorithm>

#include <fmt/format.h>

namespace foreword::proxy {
namespace {

namespace limits = config::limits;

/// Keys with a third of their room left free.
std::size_t keys_for(std::size_t requests) {
  constexpr std::size_t kComfortable = limits::kRequestsPerCacheKey * 2 / 3;
  return std::max<std::size_t>(1, (requests + kComfortable - 1) / kComfortable);
}

/// Consistent: of `buckets` + 1, all but 1/(buckets + 1) of the numbers stay where they are of
/// `buckets`. (Lamping and Veach, "A Fast, Minimal Memory, Consistent Hash Algorithm", 2014.)
std::size_t jump(std::uint64_t number, std::size_t buckets) {
  std::int64_t bucket = -1;
  std::int64_t next = 0;
  while (next < static_cast<std::int64_t>(buckets)) {
    bucket = next;
    number = number * 2862933555777941757ull + 1;
    const auto share =
        static_cast<double>(std::int64_t{1} << 31) / static_cast<double>((number >> 33) + 1);
    next = static_cast<std::int64_t>(static_cast<double>(bucket + 1) * share);
  }
  return static_cast<std::size_t>(bucket);
}

}  // namespace

bool KeyShards::Shard::has_room(AffinityTime now) const {
  return oldest() + limits::kCacheKeyWindow <= now;
}

void KeyShards::Shard::count(AffinityTime now) {
  at[next] = now;
  next = (next + 1) % at.size();
}

std::size_t KeyShards::requests_in_window(AffinityTime now) const {
  std::size_t requests = 0;
  for (const auto& shard : shards_) {
    requests += static_cast<std::size_t>(std::ranges::count_if(
        shard.at, [now](AffinityTime at) { return at + limits::kCacheKeyWindow > now; }));
  }
  return requests;
}

void KeyShards::merge(AffinityTime now) {
  if (in_use_ == 1) return;
  if (last_request_ + limits::kCacheKeyIdleTime <= now) {
    *this = KeyShards();
    return;
  }
  const auto requests = requests_in_window(now);
  if (keys_for(requests) >= in_use_) {
    calm_since_ = AffinityTime::max();
    return;
  }
  if (calm_since_ == AffinityTime::max()) {
    calm_since_ = now;
    calm_peak_ = 0;
  }
  calm_peak_ = std::max(calm_peak_, requests);
  if (now - calm_since_ < limits::kCacheKeyMergeTime) return;
  in_use_ = keys_for(calm_peak_);
  calm_since_ = AffinityTime::max();
}

std::size_t KeyShards::choose(std::uint64_t conversation, AffinityTime now) {
  const auto usual = jump(conversation, in_use_);
  if (shards_[usual].has_room(now)) return usual;
  for (std::size_t i = 0; i < in_use_; ++i) {
    if (shards_[i].has_room(now)) return i;
  }
  while (in_use_ < limits::kMaxCacheKeyShards) {
    ++in_use_;
    if (shards_.size() < in_use_) shards_.emplace_back();
    if (shards_[in_use_ - 1].has_room(now)) return in_use_ - 1;
  }
  const auto least = std::ranges::min_element(shards_, {}, &Shard::oldest);
  return static_cast<std::size_t>(least - shards_.begin());
}

std::size_t KeyShards::next(std::uint64_t conversation, AffinityTime now) {
  merge(now);
  const auto shard = choose(conversation, now);
  shards_[shard].count(now);
  last_request_ = now;
  return shard;
}

std::size_t Affinity::next(const config::Hash128& prefix, std::uint64_t conversation,
                           AffinityTime now) {
  constexpr std::size_t kMost = limits::kMaxCountedCacheKeys / kStripes;
  auto& stripe = stripes_[prefix.low % kStripes];
  const std::lock_guard lock(stripe.mutex);
  auto& prefixes = stripe.prefixes;
  if (prefixes.size() >= kMost && prefixes.find(prefix) == prefixes.end()) {
    prefixes.erase(std::ranges::min_element(
        prefixes, {}, [](const auto& entry) { return entry.second.last_request(); }));
  }
  return prefixes[prefix].next(conversation, now);
}

std::string shard_name(std::string_view key, std::size_t shard) {
  return shard == 0 ? std::string(key) : fmt::format("{}-{}", key, shard);
}

}  // namespace foreword::proxy
