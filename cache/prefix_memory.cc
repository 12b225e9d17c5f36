#include "cache/prefix_memory.h"

#include <algorithm>
#include <charconv>
#include <mutex>
#include <vector>

#include "cache/prefix_path.h"
#include "cache/prefix_records.h"
#include "cache/record_fields.h"
#include "records.pb.h"

namespace foreword::cache {
namespace {

using config::Hash128;
using config::Mark;
using config::Outlook;
using config::PromptPrefix;
using config::TimePoint;

constexpr std::size_t kStripes = 64;
constexpr std::size_t kMostScopes = 64;
constexpr std::int64_t kMostBriefSeconds = 30 * 24 * 3600;

// Sorted as they have to be restored.
constexpr std::string_view kStartKey = "a start";
constexpr std::string_view kScopeKey = "scope ";
constexpr std::string_view kStripeKey = "stripe ";

/// With two digits, so that they sort.
std::string piece_key(std::string_view kind, std::size_t number) {
  return std::string(kind) + (number < 10 ? "0" : "") + std::to_string(number);
}

struct Stripe {
  std::mutex mutex;
  PrefixTable table;

  /// Forgets the quarter that was used least recently.
  void make_room(std::size_t most) {
    if (table.places() < most) return;
    std::vector<std::uint32_t> times;
    times.reserve(table.size());
    table.each([&](const auto&, const PrefixNode& node) { times.push_back(node.last); });
    const auto quarter = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 4);
    std::ranges::nth_element(times, quarter);
    table.forget_before(*quarter);
  }
};

/// What all prefixes of a scope have taught.
struct Learned {
  Learned(const Hash128& scope, std::chrono::seconds short_time)
      : id(scope), brief(short_time), classes(short_time) {}
  const Hash128 id;
  const std::chrono::seconds brief;
  std::mutex mutex;
  ReuseClasses classes;
  PartingHistogram partings;

  /// records.PrefixScope. REQUIRES: the mutex is held.
  [[nodiscard]] std::string encode() const {
    records::PrefixScope scope;
    scope.set_id(config::to_bytes(id));
    scope.set_brief_s(brief.count());
    classes.save(scope);
    partings.save(scope);
    return scope.SerializeAsString();
  }
  /// nullptr: it is damaged.
  static std::shared_ptr<Learned> decode(std::string_view value) {
    records::PrefixScope scope;
    if (!parse(value, scope)) return nullptr;
    const auto id = config::from_bytes(scope.id());
    // Without a time to live there are no classes: it is divided by.
    const bool has_time = scope.brief_s() >= 60 && scope.brief_s() <= kMostBriefSeconds;
    if (!id || !has_time) return nullptr;
    auto learned = std::make_shared<Learned>(*id, std::chrono::seconds(scope.brief_s()));
    const bool whole = learned->classes.restore(scope) && learned->partings.restore(scope);
    return whole ? learned : nullptr;
  }
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
      scopes.push_back(std::make_shared<Learned>(scope.id, scope.brief));
    } else {
      std::rotate(found, found + 1, scopes.end());
    }
    return scopes.back();
  }
};

PrefixMemory::PrefixMemory(std::size_t max_bytes, TimePoint start)
    : impl_(std::make_unique<Impl>(start)) {
  impl_->prefixes_per_stripe =
      std::max<std::size_t>(max_bytes / PrefixTable::kBytesPerPrefix / kStripes, 1);
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
  const PrefixPath path(stripe.table, impl_->times, scope, prefixes, now);
  outlook.seen = path.known();
  path.find_entries(outlook);
  outlook.runs = path.runs(learned->classes, outlook.warm ? outlook.warm->position : 0);
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
  PrefixPath path(stripe.table, impl_->times, scope, prefixes, now);
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
    auto* const node = stripe.table.find(receipt.written[i]);
    if (node == nullptr) continue;
    // Another writer may have been first. A tick too early is no guess here: it has begun, and who
    // asks next is not to wait for the clock.
    const auto begins = impl_->times.at_most(now);
    node->visible = std::min(node->visible, begins);
    node->unbegun = false;
  }
}

void PrefixMemory::kept_warm(const Hash128& root, const Hash128& prefix, TimePoint expires) {
  Stripe& stripe = impl_->stripe_of(root);
  const std::lock_guard lock(stripe.mutex);
  auto* const node = stripe.table.find(prefix);
  if (node != nullptr) node->expires = std::max(node->expires, impl_->times.at_most(expires));
}

void PrefixMemory::not_written(const Receipt& receipt) {
  Stripe& stripe = impl_->stripe_of(receipt.root);
  const std::lock_guard lock(stripe.mutex);
  for (std::size_t i = 0; i < receipt.count; ++i) {
    auto* const node = stripe.table.find(receipt.written[i]);
    if (node != nullptr) node->expires = 0;
  }
}

void PrefixMemory::not_read(const Receipt& receipt) {
  if (receipt.read == 0) return;
  Stripe& stripe = impl_->stripe_of(receipt.root);
  const std::lock_guard lock(stripe.mutex);
  auto* const node = stripe.table.find(receipt.read_entry);
  const bool written_since = std::ranges::count(receipt.written, receipt.read_entry) > 0;
  if (node != nullptr && !written_since) node->expires = 0;
}

void PrefixMemory::save(const std::function<void(std::string, std::string)>& put) const {
  records::PrefixMemoryStart start;
  start.set_start_us(to_stored_time(impl_->times.start()));
  start.set_stripes(kStripes);
  put(std::string(kStartKey), start.SerializeAsString());
  for (std::size_t i = 0; i < kStripes; ++i) {
    auto& stripe = impl_->stripes[i];
    const std::lock_guard lock(stripe.mutex);
    if (stripe.table.size() > 0) put(piece_key(kStripeKey, i), encode(stripe.table));
  }
  const std::lock_guard lock(impl_->mutex);
  for (std::size_t i = 0; i < impl_->scopes.size(); ++i) {
    auto& learned = *impl_->scopes[i];
    const std::lock_guard one(learned.mutex);
    // By the number: they come back in the order of their latest use.
    put(piece_key(kScopeKey, i), learned.encode());
  }
}

bool PrefixMemory::restore(std::string_view key, std::string_view value) {
  if (key == kStartKey) {
    records::PrefixMemoryStart start;
    if (!parse(value, start) || start.stripes() != kStripes) return false;
    if (!is_stored_time(start.start_us())) return false;
    impl_->times = ShortTimes(from_stored_time(start.start_us()));
    return true;
  }
  if (key.starts_with(kScopeKey)) {
    auto learned = Learned::decode(value);
    if (learned == nullptr || impl_->scopes.size() == kMostScopes) return false;
    impl_->scopes.push_back(std::move(learned));
    return true;
  }
  std::size_t number = kStripes;
  const auto digits = key.substr(std::min(key.size(), kStripeKey.size()));
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (!key.starts_with(kStripeKey) || failed != std::errc() || number >= kStripes) return false;
  auto& stripe = impl_->stripes[number];
  if (!decode(value, stripe.table)) return false;
  while (stripe.table.size() > impl_->prefixes_per_stripe) {
    stripe.make_room(impl_->prefixes_per_stripe);
  }
  return true;
}

std::size_t PrefixMemory::warm(TimePoint now) const {
  const auto ticks = impl_->times.at_most(now);
  std::size_t warm = 0;
  for (auto& stripe : impl_->stripes) {
    const std::lock_guard lock(stripe.mutex);
    stripe.table.each([&](const auto&, const PrefixNode& node) {
      if (ticks < node.expires && !node.unbegun && node.visible <= ticks) ++warm;
    });
  }
  return warm;
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
    bytes += stripe.table.bytes();
  }
  return bytes;
}

}  // namespace foreword::cache
