#include "cache/prefix_path.h"

#include <algorithm>
#include <limits>
#include <optional>

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

}  // namespace

/// What the uses of a prompt teach, told in one where neighbours teach the same: a conversation has
/// a run for each of its turns.
class Lesson {
 public:
  Lesson(ReuseClasses& classes, const ShortTimes& times, std::uint32_t now)
      : classes_(classes), times_(times), now_(now) {}

  void ended(ReuseClass use, std::uint32_t since, double weight) {
    if (use != ended_use_ || since != ended_since_) tell_ended();
    ended_use_ = use;
    ended_since_ = since;
    ended_ += weight;
  }
  void begun(ReuseClass use, double weight) {
    if (use != begun_use_) tell_begun();
    begun_use_ = use;
    begun_ += weight;
  }
  /// REQUIRES: called at the end.
  void tell() {
    tell_ended();
    tell_begun();
  }

 private:
  void tell_ended() {
    if (ended_ > 0) {
      classes_.end(ended_use_, times_.time(ended_since_), times_.time(now_), ended_);
    }
    ended_ = 0;
  }
  void tell_begun() {
    if (begun_ > 0) classes_.begin(begun_use_, times_.time(now_), begun_);
    begun_ = 0;
  }

  ReuseClasses& classes_;
  const ShortTimes& times_;
  std::uint32_t now_;
  ReuseClass ended_use_ = 0;
  std::uint32_t ended_since_ = 0;
  double ended_ = 0;
  ReuseClass begun_use_ = 0;
  double begun_ = 0;
};

namespace {

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
                       Prefixes prefixes, config::TimePoint now)
    : table_(table),
      times_(times),
      scope_(scope),
      prefixes_(prefixes),
      now_(times.at_most(now)),
      slots_(table.path(prefixes)),
      known_(slots_.size()) {
  if (known_ > 0) {
    known_tokens_ = prefixes[known_ - 1].tokens;
    shared_ = known_;
    while (shared_ > 0 && node_at(shared_ - 1).partings < kSharingPrompts) --shared_;
    generation_ = node_at(known_ - 1).generation + 1u;
  }
  if (!prefixes.empty()) new_tokens_ = prefixes.back().tokens - known_tokens_;
}

LastGap PrefixPath::gap_since(std::uint32_t last) const {
  const auto gap = times_.time(now_) - times_.time(last);
  if (gap <= scope_.brief) return LastGap::brief;
  return gap <= scope_.extended ? LastGap::late : LastGap::longer;
}

void PrefixPath::find_class(std::size_t index, KnownClass& of) const {
  const auto& node = node_at(index);
  const auto kind = kind_at(index);
  const auto uses = std::min<std::uint32_t>(node.uses, kMostUses);
  if (of.uses == uses && of.last == node.last && of.kind == kind) return;
  const auto gap = gap_since(node.last);
  of = {kind, node.last, uses, gap, class_of_known(kind, gap, uses, known_tokens_)};
}

ReuseClass PrefixPath::class_of_new_at(std::size_t index) const {
  const auto kind = kind_at(index);
  const bool tail = index + 1 == prefixes_.size() && kind == config::PrefixKind::body;
  return tail ? class_of_tail(generation_) : class_of_new(kind, generation_, new_tokens_);
}

/// Its share of `whole`: of what is known and shared in the request, known and its own, or new.
inline float PrefixPath::weight_at(std::size_t index, std::uint32_t whole) const {
  const auto before = index == 0 ? 0 : prefixes_[index - 1].tokens;
  return whole == 0
             ? 0
             : static_cast<float>(prefixes_[index].tokens - before) / static_cast<float>(whole);
}

std::size_t PrefixPath::end_of_run(std::size_t begin) const {
  const auto kind = kind_at(begin);
  std::size_t end = begin + 1;
  if (begin < known_) {
    const auto history = node_at(begin).history();
    while (end < known_ && node_at(end).history() == history && kind_at(end) == kind) ++end;
    return end;
  }
  // The last position may be of a class of its own.
  while (end < prefixes_.size() && prefixes_[end].kind == kind) ++end;
  const bool ends_prompt = end == prefixes_.size() && end - begin > 1;
  const bool own_class = ends_prompt && class_of_new_at(end - 1) != class_of_new_at(begin);
  return own_class ? end - 1 : end;
}

/// What its class says of a position; the class names the kind, and whether it is known.
Outlook::Run PrefixPath::expect_of_class(ReuseClass use, std::size_t index,
                                         const ReuseClasses& classes) const {
  const auto per_write =
      classes.per_write(use, kind_at(index), index < known_ ? known_tokens_ : new_tokens_);
  return {0, classes.chances(use).soon, per_write.late_gaps, per_write.uses};
}

/// And what its own history does.
void PrefixPath::expect_of_own(const PrefixNode& node, Outlook::Run& run) {
  const double brief = node.gaps[0];
  const double late = node.gaps[1];
  const double longer = node.gaps[2];
  const double writes = 1 + longer + kClassWrites;
  run.soon = (brief + kClassGaps * run.soon) / (brief + late + longer + kClassGaps);
  run.late_gaps = (late + kClassWrites * run.late_gaps) / writes;
  run.uses = (brief + late + kClassWrites * run.uses) / writes;
}

std::vector<Outlook::Run> PrefixPath::runs(const ReuseClasses& classes, std::uint32_t warm) const {
  std::vector<Outlook::Run> runs;
  std::optional<ReuseClass> before;  // most are of the class of the run before
  Outlook::Run of_class;
  KnownClass known;
  for (std::size_t begin = std::min<std::size_t>(warm, prefixes_.size() - 1);
       begin < prefixes_.size();) {
    const auto end = end_of_run(begin);
    if (begin < known_) find_class(begin, known);
    const auto use = begin < known_ ? known.use : class_of_new_at(begin);
    if (use != before) of_class = expect_of_class(use, begin, classes);
    before = use;
    auto& run = runs.emplace_back(of_class);
    run.end = static_cast<std::uint32_t>(end);
    if (begin < known_) expect_of_own(node_at(begin), run);
    begin = end;
  }
  return runs;
}

void PrefixPath::find_entries(Outlook& outlook) const {
  for (std::uint32_t position = known(); position > 0; --position) {
    const auto& node = node_at(position - 1);
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
  for (std::uint32_t position = 1; position < known(); ++position) {
    const auto counted = node_at(position - 1).partings;
    if (counted > 0) partings.push_back({position, static_cast<double>(counted)});
  }
  // This prompt leaves the common path where it stops to be known.
  if (known() > 0) partings.push_back({known(), node_at(known() - 1).partings + 1.0});
  if (partings.size() > kMostPartings) {
    std::ranges::nth_element(partings, partings.begin() + kMostPartings, std::ranges::greater{},
                             &Outlook::Parting::weight);
    partings.resize(kMostPartings);
  }
  histogram.expect(known(), static_cast<std::uint32_t>(prefixes_.size()), partings);
  return partings;
}

// --- what a use teaches --------------------------------------------------------------------------

void PrefixPath::use_known(Lesson& lesson) {
  // Apart, or a large prefix would leave what stands behind it next to no weight.
  const auto shared_tokens = shared_ == 0 ? 0 : prefixes_[shared_ - 1].tokens;
  KnownClass known;
  for (std::size_t i = 0; i < known_; ++i) {
    auto& node = node_at(i);
    find_class(i, known);
    lesson.ended(node.open, node.last, node.weight);
    node.weight = weight_at(i, i < shared_ ? shared_tokens : known_tokens_ - shared_tokens);
    lesson.begun(known.use, node.weight);
    node.open = known.use;
    node.last = now_;
    count_up(node.uses);
    count_gap(node, known.gap);
  }
}

void PrefixPath::use(ReuseClasses& classes, PartingHistogram& histogram) {
  if (known_ > 0) {
    auto& last = node_at(known_ - 1);
    histogram.add(last.from_end);
    count_up(last.partings);
  }
  Lesson lesson(classes, times_, now_);
  use_known(lesson);
  add_new(lesson);
  lesson.tell();
}

void PrefixPath::add_new(Lesson& lesson) {
  for (std::size_t begin = known_; begin < prefixes_.size();) {
    const auto end = end_of_run(begin);
    PrefixNode node;
    node.last = now_;
    node.open = class_of_new_at(begin);
    node.generation = static_cast<std::uint8_t>(std::min(generation_, 0xffu));
    node.uses = 1;
    table_.add(prefixes_.subspan(begin, end - begin), node, slots_);
    for (std::size_t i = begin; i < end; ++i) {
      auto& added = node_at(i);
      const auto behind = prefixes_.size() - i - 1;
      added.weight = weight_at(i, new_tokens_);
      added.from_end = static_cast<std::uint8_t>(std::min<std::size_t>(behind, 0xff));
      lesson.begun(added.open, added.weight);
    }
    begin = end;
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
    auto& node = node_at(found - 1);
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
    auto& node = node_at(mark.position - 1);
    // Of two writers the one whose answer begins first serves both.
    const auto begins = times_.at_least(visible.at);
    node.visible = live(node) ? std::min(node.visible, begins) : begins;
    node.unbegun = visible.once_begun && (!live(node) || node.unbegun);
    node.expires = std::max(node.expires, expiry(mark.lifetime));
    node.lifetime = mark.lifetime;
    receipt.written[receipt.count++] = prefixes_[mark.position - 1].hash;
  }
}

void PrefixPath::find_shared(PrefixMemory::Receipt& receipt) const {
  double least_tokens = 0;
  for (std::uint32_t position = known(); position > 0; --position) {
    const double tokens = prefixes_[position - 1].tokens;
    if (tokens < least_tokens) return;
    const auto& node = node_at(position - 1);
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
