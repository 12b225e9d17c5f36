#include "cache/prefix_records.h"

#include <algorithm>
#include <limits>

#include "cache/prefix_path.h"
#include "cache/record_fields.h"
#include "records.pb.h"

namespace foreword::cache {
namespace {

using Node = records::PrefixStripe::Node;

void encode(const config::Hash128& hash, const PrefixNode& from, Node& to) {
  to.set_hash_high(hash.high);
  to.set_hash_low(hash.low);
  to.set_last(from.last);
  if (!from.unbegun) {
    to.set_visible(from.visible);
    to.set_expires(from.expires);
  }
  to.set_weight(from.weight);
  to.set_open(from.open);
  to.set_partings(from.partings);
  to.set_generation(from.generation);
  to.set_uses(from.uses);
  to.set_from_end(from.from_end);
  to.set_gaps(std::string(from.gaps.begin(), from.gaps.end()));
  to.set_lifetime(static_cast<std::uint32_t>(from.lifetime));
}

/// False: it does not fit.
template <class Field>
bool set(Field& field, std::uint32_t value) {
  field = static_cast<Field>(value);
  return value <= std::numeric_limits<Field>::max();
}

bool decode(const Node& from, PrefixNode& to) {
  to.last = from.last();
  to.visible = from.visible();
  to.expires = from.expires();
  to.weight = from.weight();
  if (from.gaps().size() != to.gaps.size()) return false;
  std::ranges::copy(from.gaps(), to.gaps.begin());
  if (from.lifetime() > static_cast<std::uint32_t>(config::Lifetime::extended)) return false;
  to.lifetime = static_cast<config::Lifetime>(from.lifetime());
  return is_reuse_class(from.open()) && set(to.open, from.open()) && from.uses() > 0 &&
         set(to.partings, from.partings()) && set(to.generation, from.generation()) &&
         set(to.uses, from.uses()) && set(to.from_end, from.from_end());
}

/// False: there are not as many, or some are no numbers that can be counted with.
template <class Stored, class Counts>
bool copy(const Stored& stored, Counts& counts) {
  if (static_cast<std::size_t>(stored.size()) != counts.size()) return false;
  std::ranges::copy(stored, counts.begin());
  // Also false for what is no number.
  return std::ranges::all_of(counts, [](auto count) { return count >= 0 && count < 1e12; });
}

template <class Counts, class Stored>
void append(const Counts& counts, Stored* stored) {
  stored->Add(counts.begin(), counts.end());
}

}  // namespace

std::string encode(const PrefixTable& table) {
  records::PrefixStripe stripe;
  stripe.mutable_nodes()->Reserve(static_cast<int>(table.size()));
  table.each([&](const config::Hash128& hash, const PrefixNode& node) {
    encode(hash, node, *stripe.add_nodes());
  });
  return stripe.SerializeAsString();
}

bool decode(std::string_view value, PrefixTable& table) {
  records::PrefixStripe stripe;
  if (!parse(value, stripe)) return false;
  for (const auto& stored : stripe.nodes()) {
    PrefixNode node;
    const config::Hash128 hash{stored.hash_high(), stored.hash_low()};
    if (!decode(stored, node) || !table.add(hash, node)) return false;
  }
  return true;
}

void PartingHistogram::save(records::PrefixScope& scope) const {
  append(counts_, scope.mutable_partings());
  scope.set_partings_total(total_);
}

bool PartingHistogram::restore(const records::PrefixScope& scope) {
  total_ = scope.partings_total();
  return copy(scope.partings(), counts_) && total_ > 0 && total_ < 1e12;
}

void ReuseClasses::save(records::PrefixScope& scope) const {
  scope.set_first(first_);
  scope.set_fine_now(fine_now_);
  scope.set_coarse_now(coarse_now_);
  scope.set_tries(tries_);
  scope.set_successes(successes_);
  for (auto c = used_._Find_first(); c < used_.size(); c = used_._Find_next(c)) {
    auto& stored = *scope.add_classes();
    stored.set_number(static_cast<std::uint32_t>(c));
    append(counts_[c].ended, stored.mutable_ended());
    append(counts_[c].waited, stored.mutable_waited());
    append(counts_[c].fine, stored.mutable_fine());
    append(counts_[c].coarse, stored.mutable_coarse());
  }
}

bool ReuseClasses::restore(const records::PrefixScope& scope) {
  first_ = scope.first();
  fine_now_ = scope.fine_now();
  coarse_now_ = scope.coarse_now();
  tries_ = scope.tries();
  successes_ = scope.successes();
  for (const auto& stored : scope.classes()) {
    if (!is_reuse_class(stored.number())) return false;
    used_.set(stored.number());
    auto& counts = counts_[stored.number()];
    const bool whole = copy(stored.ended(), counts.ended) && copy(stored.waited(), counts.waited) &&
                       copy(stored.fine(), counts.fine) && copy(stored.coarse(), counts.coarse);
    if (!whole) return false;
  }
  return first_ >= 0 && fine_now_ >= first_ && coarse_now_ >= 0 && tries_ >= 0 && successes_ >= 0;
}

}  // namespace foreword::cache
