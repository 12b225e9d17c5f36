#include "cache/prefix_memory.h"

#include <algorithm>
#include <mutex>
#include <vector>

#include "cache/prefix_path.h"

namespace foreword::cache {
namespace {

using config::Hash128;
using config::Mark;
using config::Outlook;
using config::PromptPrefix;
using config::TimePoint;

constexpr std::size_t kStripes = 64;
/// A node with its key, and its share of the table's empty places.
constexpr std::size_t kBytesPerPrefix = 112;
constexpr std::size_t kMostScopes = 64;

struct Stripe {
  std::mutex mutex;
  PrefixTable table;
  LatestPath latest;

  /// Forgets the quarter that was used least recently.
  void make_room(std::size_t most) {
    if (table.size() < most) return;
    latest.forget();
    std::vector<std::uint32_t> times;
    times.reserve(table.size());
    for (const auto& [hash, node] : table) times.push_back(node.last);
    const auto quarter = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 4);
    std::ranges::nth_element(times, quarter);
    erase_if(table, [oldest = *quarter](const auto& item) { return item.second.last <= oldest; });
  }
};

/// What all prefixes of a scope have taught.
struct Learned {
  explicit Learned(const CacheScope& scope) : id(scope.id), classes(scope.brief) {}
  const Hash128 id;
  std::mutex mutex;
  ReuseClasses classes;
  PartingHistogram partings;
};

}  // namespace

struct PrefixMemory::Impl {
  explicit Impl(TimePoint start) : times(start) {}

  ShortTimes times;
  std::size_t prefixes_per_stripe = 0;
  std::array<Stripe, kStripes> stripes;
  std::mutex mutex;                              // of the list
  std::vector<std::shared_ptr<Learned>> scopes;  // the latest used last

  Stripe& stripe_of(const Hash128& root) { return stripes[root.high % kStripes]; }

  std::shared_ptr<Learned> learned(const CacheScope& scope) {
    const std::lock_guard lock(mutex);
    auto found = std::ranges::find(scopes, scope.id, [](const auto& each) { return each->id; });
    if (found == scopes.end()) {
      if (scopes.size() == kMostScopes) scopes.erase(scopes.begin());
      scopes.push_back(std::make_shared<Learned>(scope));
    } else {
      std::rotate(found, found + 1, scopes.end());
    }
    return scopes.back();
  }
};

PrefixMemory::PrefixMemory(std::size_t max_bytes, TimePoint start)
    : impl_(std::make_unique<Impl>(start)) {
  impl_->prefixes_per_stripe = std::max<std::size_t>(max_bytes / kBytesPerPrefix / kStripes, 1);
}

PrefixMemory::~PrefixMemory() = default;

Outlook PrefixMemory::outlook(const CacheScope& scope, std::span<const PromptPrefix> prefixes,
                              TimePoint now) {
  Outlook outlook;
  if (prefixes.empty()) return outlook;
  const auto learned = impl_->learned(scope);
  Stripe& stripe = impl_->stripe_of(prefixes.front().hash);
  const std::scoped_lock lock(stripe.mutex, learned->mutex);
  learned->classes.advance(now);
  const PrefixPath path(stripe.table, stripe.latest, impl_->times, scope, prefixes, now);
  outlook.runs = path.runs(learned->classes);
  outlook.seen = path.known();
  path.find_entries(outlook);
  outlook.partings = path.partings(learned->partings);
  outlook.may_try = learned->classes.may_try();
  return outlook;
}

PrefixMemory::Receipt PrefixMemory::sent(const CacheScope& scope,
                                         std::span<const PromptPrefix> prefixes,
                                         std::span<const Mark> marks, TimePoint now,
                                         Visible visible) {
  Receipt receipt;
  receipt.sent = now;
  if (prefixes.empty()) return receipt;
  receipt.root = prefixes.front().hash;
  const auto learned = impl_->learned(scope);
  Stripe& stripe = impl_->stripe_of(receipt.root);
  const std::scoped_lock lock(stripe.mutex, learned->mutex);
  learned->classes.advance(now);
  stripe.make_room(impl_->prefixes_per_stripe);
  PrefixPath path(stripe.table, stripe.latest, impl_->times, scope, prefixes, now);
  path.use(learned->classes, learned->partings);
  if (!marks.empty() && marks.back().position > path.known()) learned->classes.tried();
  path.mark(marks, visible, receipt);
  path.find_shared(receipt);
  return receipt;
}

void PrefixMemory::began(const Receipt& receipt, TimePoint now) {
  Stripe& stripe = impl_->stripe_of(receipt.root);
  const std::lock_guard lock(stripe.mutex);
  for (std::size_t i = 0; i < receipt.count; ++i) {
    const auto found = stripe.table.find(receipt.written[i]);
    if (found == stripe.table.end()) continue;
    // Another writer may have been first.
    const auto begins = impl_->times.at_least(now);
    found->second.visible = std::min(found->second.visible, begins);
    found->second.unbegun = false;
  }
}

void PrefixMemory::kept_warm(const Hash128& root, const Hash128& prefix, TimePoint expires) {
  Stripe& stripe = impl_->stripe_of(root);
  const std::lock_guard lock(stripe.mutex);
  const auto found = stripe.table.find(prefix);
  if (found != stripe.table.end()) {
    found->second.expires = std::max(found->second.expires, impl_->times.at_most(expires));
  }
}

void PrefixMemory::not_written(const Receipt& receipt) {
  Stripe& stripe = impl_->stripe_of(receipt.root);
  const std::lock_guard lock(stripe.mutex);
  for (std::size_t i = 0; i < receipt.count; ++i) {
    const auto found = stripe.table.find(receipt.written[i]);
    if (found != stripe.table.end()) found->second.expires = 0;
  }
}

void PrefixMemory::not_read(const Receipt& receipt) {
  if (receipt.read == 0) return;
  Stripe& stripe = impl_->stripe_of(receipt.root);
  const std::lock_guard lock(stripe.mutex);
  const auto found = stripe.table.find(receipt.read_entry);
  const bool written_since = std::ranges::count(receipt.written, receipt.read_entry) > 0;
  if (found != stripe.table.end() && !written_since) found->second.expires = 0;
}

std::size_t PrefixMemory::size() const {
  std::size_t size = 0;
  for (auto& stripe : impl_->stripes) {
    const std::lock_guard lock(stripe.mutex);
    size += stripe.table.size();
  }
  return size;
}

std::size_t PrefixMemory::bytes() const {
  std::size_t bytes = 0;
  for (auto& stripe : impl_->stripes) {
    const std::lock_guard lock(stripe.mutex);
    // A byte for each place beside what it holds.
    bytes += stripe.table.bucket_count() * (sizeof(PrefixTable::value_type) + 1);
  }
  return bytes;
}

}  // namespace foreword::cache
