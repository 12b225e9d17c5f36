#include "cache/prefix_path.h"

#include <algorithm>
#include <limits>

namespace foreword::cache {
namespace {

using config::Lifetime;
using config::Outlook;
using config::TimePoint;

/// What its class says of a prefix counts as much as so many gaps, or writes, of its own.
constexpr double kClassGaps = 3;
constexpr double kClassWrites = 2.5;

/// A prefix that so many prompts left in different directions is shared.
constexpr std::uint16_t kSharingPrompts = 2;
constexpr double kNearlyAsMuch = 0.9;

/// Only the heaviest partings matter, and each costs the planner time.
constexpr std::size_t kMostPartings = 32;

template <class Count>
void count_up(Count& count) {
  if (count != std::numeric_limits<Count>::max()) ++count;
}

void count_gap(PrefixNode& node, LastGap gap) {
  auto& counted = node.gaps[static_cast<std::size_t>(gap)];
  if (counted == std::numeric_limits<std::uint8_t>::max()) {
    for (auto& each : node.gaps) each /= 2;  // what was is forgotten as new things come
  }
  ++counted;
}

}  // namespace

std::uint32_t ShortTimes::at_most(TimePoint time) const {
  const auto ticks = (time - start_) / kTick;
  return static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(ticks, 0, std::numeric_limits<std::uint32_t>::max()));
}

std::uint32_t ShortTimes::at_least(TimePoint time) const {
  return at_most(time + kTick - TimePoint::duration(1));
}

// --- where paths part ------------------------------------------------------------------------

PartingHistogram::PartingHistogram() {
  // Without evidence: near the end, where a prompt has its question.
  counts_[1] = .3;
  counts_[2] = .2;
  counts_[3] = .15;
  counts_[4] = .1;
  counts_[6] = .08;
  counts_[9] = .06;
  counts_[14] = .05;
  counts_[20] = .04;
  counts_[40] = .02;
  total_ = 1;
}

void PartingHistogram::add(std::size_t positions_from_end) {
  counts_[std::min(positions_from_end, kMost)] += 1;
  total_ += 1;
}

void PartingHistogram::expect(std::uint32_t known, std::uint32_t count,
                              std::vector<Outlook::Parting>& partings) const {
  const auto farthest = std::min<std::uint32_t>(kMost, count - known);
  for (std::uint32_t from_end = 0; from_end < farthest; ++from_end) {
    if (counts_[from_end] > 0) {
      partings.push_back({count - from_end, counts_[from_end] / total_});
    }
  }
}

// --- the path ----------------------------------------------------------------------------------

PrefixPath::PrefixPath(PrefixTable& table, const ShortTimes& times, const CacheScope& scope,
                       Prefixes prefixes, TimePoint now)
    : table_(table), times_(times), scope_(scope), prefixes_(prefixes), now_(times.at_most(now)) {
  known_.reserve(prefixes.size());
  for (const auto& prefix : prefixes) {
    const auto found = table.find(prefix.hash);
    if (found == table.end()) break;
    known_.push_back(&found->second);
  }
  if (!known_.empty()) {
    known_tokens_ = prefixes[known_.size() - 1].tokens;
    generation_ = known_.back()->generation + 1u;
  }
  if (!prefixes.empty()) new_tokens_ = prefixes.back().tokens - known_tokens_;
}

LastGap PrefixPath::gap_since(std::uint32_t last) const {
  const auto gap = times_.time(now_) - times_.time(last);
  if (gap <= scope_.brief) return LastGap::brief;
  return gap <= scope_.extended ? LastGap::late : LastGap::longer;
}

ReuseClass PrefixPath::class_at(std::size_t index) const {
  const auto kind = prefixes_[index].kind;
  if (index < known_.size()) {
    const auto& node = *known_[index];
    return class_of_known(kind, gap_since(node.last), node.uses, known_tokens_);
  }
  const bool tail = index + 1 == prefixes_.size() && kind == config::PrefixKind::body;
  return tail ? class_of_tail(generation_) : class_of_new(kind, generation_, new_tokens_);
}

/// Of all that is known, or all that is new in the request, the share of this position.
float PrefixPath::weight_at(std::size_t index) const {
  const auto before = index == 0 ? 0 : prefixes_[index - 1].tokens;
  const auto whole = index < known_.size() ? known_tokens_ : new_tokens_;
  return whole == 0
             ? 0
             : static_cast<float>(prefixes_[index].tokens - before) / static_cast<float>(whole);
}

std::size_t PrefixPath::end_of_run(std::size_t begin) const {
  std::size_t end = begin + 1;
  if (begin < known_.size()) {
    while (end < known_.size() && known_[end]->has_history_of(*known_[begin]) &&
           prefixes_[end].kind == prefixes_[begin].kind) {
      ++end;
    }
  } else {
    const auto use = class_at(begin);
    while (end < prefixes_.size() && class_at(end) == use) ++end;
  }
  return end;
}

Outlook::Run PrefixPath::expect(std::size_t begin, const ReuseClasses& classes) const {
  const auto use = class_at(begin);
  const bool known = begin < known_.size();
  const auto per_write =
      classes.per_write(use, prefixes_[begin].kind, known ? known_tokens_ : new_tokens_);
  Outlook::Run run{0, classes.chances(use).soon, per_write.late_gaps, per_write.uses};
  if (known) {
    const double brief = known_[begin]->gaps[0];
    const double late = known_[begin]->gaps[1];
    const double longer = known_[begin]->gaps[2];
    const double writes = 1 + longer + kClassWrites;
    run.soon = (brief + kClassGaps * run.soon) / (brief + late + longer + kClassGaps);
    run.late_gaps = (late + kClassWrites * run.late_gaps) / writes;
    run.uses = (brief + late + kClassWrites * run.uses) / writes;
  }
  return run;
}

std::vector<Outlook::Run> PrefixPath::runs(const ReuseClasses& classes) const {
  std::vector<Outlook::Run> runs;
  for (std::size_t begin = 0; begin < prefixes_.size();) {
    const auto end = end_of_run(begin);
    runs.push_back(expect(begin, classes));
    runs.back().end = static_cast<std::uint32_t>(end);
    begin = end;
  }
  return runs;
}

void PrefixPath::find_entries(Outlook& outlook) const {
  for (std::uint32_t position = known(); position > 0; --position) {
    const auto& node = *known_[position - 1];
    if (!live(node)) continue;
    const Outlook::Entry entry{position, node.lifetime, times_.time(node.visible),
                               times_.time(node.expires)};
    if (readable(node)) {
      outlook.warm = entry;
      return;
    }
    if (!outlook.in_writing) outlook.in_writing = entry;
  }
}

std::vector<Outlook::Parting> PrefixPath::partings(const PartingHistogram& histogram) const {
  std::vector<Outlook::Parting> partings;
  for (std::uint32_t position = 1; position <= known(); ++position) {
    // This prompt leaves the common path where it stops to be known.
    const double weight = known_[position - 1]->partings + (position == known() ? 1.0 : 0.0);
    if (weight > 0) partings.push_back({position, weight});
  }
  if (partings.size() > kMostPartings) {
    std::ranges::nth_element(partings, partings.begin() + kMostPartings, std::ranges::greater{},
                             &Outlook::Parting::weight);
    partings.resize(kMostPartings);
  }
  histogram.expect(known(), static_cast<std::uint32_t>(prefixes_.size()), partings);
  return partings;
}

// --- what a use teaches --------------------------------------------------------------------------

void PrefixPath::use_known(std::size_t begin, std::size_t end, ReuseClasses& classes) {
  const auto use = class_at(begin);
  const auto before = *known_[begin];
  const auto gap = gap_since(before.last);
  double ended = 0;
  double begun = 0;
  for (std::size_t i = begin; i < end; ++i) {
    auto& node = *known_[i];
    ended += node.weight;
    node.weight = weight_at(i);
    begun += node.weight;
    node.open = use;
    node.last = now_;
    count_up(node.uses);
    count_gap(node, gap);
  }
  classes.end(before.open, times_.time(before.last), times_.time(now_), ended);
  classes.begin(use, times_.time(now_), begun);
}

void PrefixPath::use(ReuseClasses& classes, PartingHistogram& histogram) {
  if (!known_.empty()) {
    histogram.add(known_.back()->from_end);
    count_up(known_.back()->partings);
  }
  // Runs are told by what was before: none may change before the next one is found.
  for (std::size_t begin = 0; begin < known_.size();) {
    const auto end = end_of_run(begin);
    use_known(begin, end, classes);
    begin = end;
  }
  for (std::size_t i = known_.size(); i < prefixes_.size(); ++i) {
    const auto behind = prefixes_.size() - i - 1;
    PrefixNode node;
    node.last = now_;
    node.open = class_at(i);
    node.weight = weight_at(i);
    node.generation = static_cast<std::uint8_t>(std::min(generation_, 0xffu));
    node.uses = 1;
    node.from_end = static_cast<std::uint8_t>(std::min<std::size_t>(behind, 0xff));
    table_.insert_or_assign(prefixes_[i].hash, node);
    classes.begin(node.open, times_.time(now_), node.weight);
  }
}

// --- the provider's side -------------------------------------------------------------------------

std::uint32_t PrefixPath::expiry(Lifetime lifetime) const {
  return times_.at_most(times_.time(now_) +
                        (lifetime == Lifetime::brief ? scope_.brief : scope_.extended));
}

/// The entry that a breakpoint there finds, and its position.
PrefixNode* PrefixPath::entry_in_reach(std::uint32_t position, std::uint32_t& found) {
  const auto farthest = position - std::min(position, scope_.lookback);
  for (found = position; found > farthest; --found) {
    auto& node = table_.find(prefixes_[found - 1].hash)->second;
    if (readable(node)) return &node;
  }
  return nullptr;
}

void PrefixPath::mark(std::span<const config::Mark> marks, const Visible& visible,
                      PrefixMemory::Receipt& receipt) {
  for (const auto& mark : marks) {
    std::uint32_t found = 0;
    auto* const entry = entry_in_reach(mark.position, found);
    if (entry == nullptr || found <= receipt.read) continue;
    receipt.read = found;
    receipt.read_entry = prefixes_[found - 1].hash;
    entry->expires = std::max(entry->expires, expiry(entry->lifetime));
  }
  for (const auto& mark : marks) {
    if (mark.position <= receipt.read) continue;
    const auto& hash = prefixes_[mark.position - 1].hash;
    auto& node = table_.find(hash)->second;
    // Of two writers the one whose answer begins first serves both.
    const auto begins = times_.at_least(visible.at);
    node.visible = live(node) ? std::min(node.visible, begins) : begins;
    node.unbegun = visible.once_begun && (!live(node) || node.unbegun);
    node.expires = std::max(node.expires, expiry(mark.lifetime));
    node.lifetime = mark.lifetime;
    receipt.written[receipt.count++] = hash;
  }
}

void PrefixPath::find_shared(PrefixMemory::Receipt& receipt) const {
  double least_tokens = 0;
  for (std::uint32_t position = known(); position > 0; --position) {
    const double tokens = prefixes_[position - 1].tokens;
    if (tokens < least_tokens) return;
    const auto& node = table_.find(prefixes_[position - 1].hash)->second;
    const bool shared = least_tokens > 0 || node.partings >= kSharingPrompts;
    if (!shared || !live(node)) continue;
    if (receipt.shared == 0) least_tokens = tokens * kNearlyAsMuch;
    const auto expires = times_.time(node.expires);
    if (receipt.shared != 0 && expires <= receipt.shared_expires) continue;
    receipt.shared = position;
    receipt.shared_lifetime = node.lifetime;
    receipt.shared_expires = expires;
  }
}

}  // namespace foreword::cache
