#include "cache/reuse_classes.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

namespace foreword::cache {
namespace {

using config::PrefixKind;

// Numbers of classes. A class holds those whose parent it is:
//   new > kind > generation > size        tail > generation
//   known with a gap > kind and uses > size
constexpr std::size_t kKinds = 2;
constexpr std::size_t kGenerations = 3;
constexpr std::size_t kNewSizes = 24;  // half octaves
constexpr std::size_t kGaps = 3;
constexpr std::size_t kUses = kMostUses;
constexpr std::size_t kKnownSizes = 12;  // octaves

constexpr std::size_t kNewKind = 1;
constexpr std::size_t kNewGeneration = kNewKind + kKinds;
constexpr std::size_t kNewSize = kNewGeneration + kKinds * kGenerations;
constexpr std::size_t kTail = kNewSize + kKinds * kGenerations * kNewSizes;
constexpr std::size_t kTailGeneration = kTail + 1;
constexpr std::size_t kKnown = kTailGeneration + kGenerations;
constexpr std::size_t kKnownUses = kKnown + kGaps;
constexpr std::size_t kKnownSize = kKnownUses + kGaps * kKinds * kUses;
constexpr std::size_t kClasses = kKnownSize + kGaps * kKinds * kUses * kKnownSizes;
static_assert(kClasses <= 512);

constexpr ReuseClass kNone = 0xffff;

ReuseClass parent_of(ReuseClass child) {
  const std::size_t c = child;
  const auto up = [](std::size_t to) { return static_cast<ReuseClass>(to); };
  if (c >= kKnownSize) return up(kKnownUses + (c - kKnownSize) / kKnownSizes);
  if (c >= kKnownUses) return up(kKnown + (c - kKnownUses) / (kKinds * kUses));
  if (c >= kKnown) return kNone;
  if (c >= kTailGeneration) return up(kTail);
  if (c >= kTail) return kNone;
  if (c >= kNewSize) return up(kNewGeneration + (c - kNewSize) / kNewSizes);
  if (c >= kNewGeneration) return up(kNewKind + (c - kNewGeneration) / kGenerations);
  return c >= kNewKind ? up(0) : kNone;
}

/// From a class to the widest that holds it.
struct Chain {
  std::array<ReuseClass, 4> classes{};
  std::size_t size = 0;
  explicit Chain(ReuseClass from) {
    for (; from != kNone; from = parent_of(from)) classes[size++] = from;
  }
  [[nodiscard]] const ReuseClass* begin() const { return classes.data(); }
  [[nodiscard]] const ReuseClass* end() const { return classes.data() + size; }
};

/// Sizes are counted in what a client of any kind can say in a line or two, plus one.
constexpr std::uint64_t kUnitTokens = 512;
constexpr int kUnitBits = 9;
static_assert(kUnitTokens == 1 << kUnitBits);

std::size_t octave(std::uint32_t tokens, std::size_t sizes) {
  const auto units = tokens / kUnitTokens + 1;
  return std::min<std::size_t>(static_cast<std::size_t>(std::bit_width(units)) - 1, sizes - 1);
}

/// Half octaves of a number are octaves of its square.
std::size_t half_octave(std::uint32_t tokens, std::size_t sizes) {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 31;
  const auto size = std::min(tokens + kUnitTokens, kMost);
  return std::min<std::size_t>(
      static_cast<std::size_t>(std::bit_width(size * size) - 1 - 2 * kUnitBits), sizes - 1);
}

/// Uses before the one that such a class is of.
std::uint32_t uses_of(ReuseClass use) {
  if (use < kKnownUses) return 0;
  const std::size_t row = use >= kKnownSize ? (use - kKnownSize) / kKnownSizes : use - kKnownUses;
  return static_cast<std::uint32_t>(row % kUses) + 1;
}

std::size_t step(std::uint32_t count, std::size_t steps) {
  return std::min<std::size_t>(std::max<std::uint32_t>(count, 1) - 1, steps - 1);
}

}  // namespace

bool is_reuse_class(std::uint32_t number) {
  return number < kClasses;
}

ReuseClass class_of_new(PrefixKind kind, std::uint32_t generation, std::uint32_t new_tokens) {
  const auto row = static_cast<std::size_t>(kind) * kGenerations + step(generation, kGenerations);
  return static_cast<ReuseClass>(kNewSize + row * kNewSizes + half_octave(new_tokens, kNewSizes));
}

ReuseClass class_of_tail(std::uint32_t generation) {
  return static_cast<ReuseClass>(kTailGeneration + step(generation, kGenerations));
}

ReuseClass class_of_known(PrefixKind kind, LastGap gap, std::uint32_t uses,
                          std::uint32_t known_tokens) {
  const auto row =
      (static_cast<std::size_t>(gap) * kKinds + static_cast<std::size_t>(kind)) * kUses +
      step(uses, kUses);
  return static_cast<ReuseClass>(kKnownSize + row * kKnownSizes +
                                 octave(known_tokens, kKnownSizes));
}

namespace {

// The pieces: the first fifteenth of the brief time to live, the rest of its first fifth, and the
// rest, in fine slots; then to its double, its fourfold, and its twelvefold, in coarse slots.
constexpr std::array<std::size_t, 4> kFineEdges = {0, 2, 6, 30};
constexpr std::array<std::size_t, 4> kCoarseEdges = {5, 10, 20, 60};
constexpr std::size_t kFinePieces = 3;

std::size_t fine_piece(std::size_t age) {
  return age < kFineEdges[1] ? 0 : age < kFineEdges[2] ? 1 : 2;
}
std::size_t coarse_piece(std::size_t age) {
  return kFinePieces + (age < kCoarseEdges[1] ? 0 : age < kCoarseEdges[2] ? 1 : 2);
}

using Prior = std::array<double, 6>;
/// The hazards of such a chance by the end of each piece.
constexpr Prior kNewPrior = {.105, .118, .288, .03, .03, .05};  // 10, 20, 40, 42, 44, 47 %
constexpr Prior kTailPrior = {.020, .042, .137, .02, .02, .03};
constexpr std::array<Prior, 3> kKnownPrior = {{
    {.223, .288, .762, .11, .08, .08},  // used within the brief time to live: 72 % soon again
    {.051, .077, .383, .20, .30, .45},  // within the extended one: 40 % soon, 75 % within it
    {.020, .031, .111, .06, .12, .60},  // later: 15 % soon, 55 % within the extended one
}};

const Prior& prior_of(ReuseClass widest) {
  if (widest == 0) return kNewPrior;
  return widest == kTail ? kTailPrior : kKnownPrior[widest - kKnown];
}

/// What a wider class says counts as much as so many uses of the class itself,
constexpr double kWiderUses = 20;
/// and how much of it to believe as so many that ended: in the first seconds the early pieces tell
/// what the later ones will.
constexpr double kWiderEnds = 3;

/// Traffic that is so old, in fine slots, is expected to last as long again with a chance of a
/// half: what a write will be worth, and, of the uses that follow, those behind a brief gap and a
/// late one.
constexpr double kLasting = 50;
constexpr double kSoonGap = 5;
constexpr double kLateGap = 50;
/// Of another use: what is certain so far ends all the same.
constexpr double kMostChance = 0.98;
/// Large prefixes are those that somebody prepared for many prompts, at their own pace: late gaps
/// are expected until there is evidence.
constexpr double kLargeTokens = 65'536;
constexpr double kLargeLateGaps = 1;
constexpr double kLargeWrites = 6;

/// Requests that may write on trust before the first has paid off, and for each that has.
constexpr double kTrust = 16;
/// Counts are halved at this many: what was is forgotten as new things come.
constexpr float kRemembered = 2000;

}  // namespace

ReuseClasses::ReuseClasses(std::chrono::seconds brief)
    : fine_(Clock(brief) / static_cast<int>(kFineEdges.back())),
      coarse_(Clock(brief) / static_cast<int>(kCoarseEdges.front())) {}

template <class Visit>
void ReuseClasses::each_used(Visit&& visit) {
  for (auto c = used_._Find_first(); c < used_.size(); c = used_._Find_next(c)) visit(counts_[c]);
}

void ReuseClasses::advance(config::TimePoint now) {
  const std::int64_t fine = now.time_since_epoch() / fine_;
  const std::int64_t coarse = now.time_since_epoch() / coarse_;
  if (first_ == 0) first_ = fine;
  if (fine > fine_now_ || coarse > coarse_now_) following_ = {};
  // After a ring's length all that was in it has been looked at, and it is empty.
  for (std::size_t i = 0; i <= kFineSlots && fine_now_ < fine; ++i) pass_fine(fine_now_++);
  for (std::size_t i = 0; i <= kCoarseSlots && coarse_now_ < coarse; ++i) {
    pass_coarse(coarse_now_++);
  }
  fine_now_ = std::max(fine_now_, fine);
  coarse_now_ = std::max(coarse_now_, coarse);
}

void ReuseClasses::pass_fine(std::int64_t slot) {
  constexpr auto kRing = kFineSlots + 1;
  each_used([&](Counts& counts) {
    for (std::size_t age = 0; age < kFineSlots; ++age) {
      const auto open = counts.fine[static_cast<std::size_t>(slot + kRing - age) % kRing];
      const auto piece = fine_piece(age);
      counts.waited[piece] += open / static_cast<float>(kFineEdges[piece + 1] - kFineEdges[piece]);
    }
    counts.fine[static_cast<std::size_t>(slot + 1) % kRing] = 0;
    if (counts.waited[0] < kRemembered) return;
    for (auto& count : counts.waited) count /= 2;
    for (auto& count : counts.ended) count /= 2;
  });
}

void ReuseClasses::pass_coarse(std::int64_t slot) {
  constexpr auto kRing = kCoarseSlots + 1;
  each_used([&](Counts& counts) {
    for (std::size_t age = kCoarseEdges.front(); age < kCoarseSlots; ++age) {
      const auto open = counts.coarse[static_cast<std::size_t>(slot + kRing - age) % kRing];
      const auto piece = coarse_piece(age);
      counts.waited[piece] += open / static_cast<float>(kCoarseEdges[piece - kFinePieces + 1] -
                                                        kCoarseEdges[piece - kFinePieces]);
    }
    counts.coarse[static_cast<std::size_t>(slot + 1) % kRing] = 0;
  });
}

void ReuseClasses::begin(ReuseClass use, config::TimePoint now, double weight) {
  const auto fine = static_cast<std::size_t>(now.time_since_epoch() / fine_);
  const auto coarse = static_cast<std::size_t>(now.time_since_epoch() / coarse_);
  following_ = {};
  for (const auto c : Chain(use)) {
    used_.set(c);
    auto& counts = counts_[c];
    counts.fine[fine % counts.fine.size()] += static_cast<float>(weight);
    counts.coarse[coarse % counts.coarse.size()] += static_cast<float>(weight);
  }
}

void ReuseClasses::end(ReuseClass use, config::TimePoint then, config::TimePoint now,
                       double weight) {
  const auto fine = then.time_since_epoch() / fine_;
  const auto coarse = then.time_since_epoch() / coarse_;
  const auto fine_age = static_cast<std::size_t>(now.time_since_epoch() / fine_ - fine);
  const auto coarse_age = static_cast<std::size_t>(now.time_since_epoch() / coarse_ - coarse);
  if (coarse_age >= kCoarseSlots) return;
  const auto piece = fine_age < kFineSlots
                         ? fine_piece(fine_age)
                         : coarse_piece(std::max(coarse_age, kCoarseEdges.front()));
  following_ = {};
  const Chain chain(use);
  const auto take = [weight](float& open) {
    open = std::max(0.0F, open - static_cast<float>(weight));
  };
  for (const auto c : chain) {
    auto& counts = counts_[c];
    if (fine_age < kFineSlots)
      take(counts.fine[static_cast<std::size_t>(fine) % counts.fine.size()]);
    take(counts.coarse[static_cast<std::size_t>(coarse) % counts.coarse.size()]);
    counts.ended[piece] += static_cast<float>(weight);
  }
  if (*(chain.end() - 1) == 0) successes_ += weight;
}

ReuseClasses::Hazards ReuseClasses::hazards(ReuseClass use) const {
  const Chain chain(use);
  Hazards result = prior_of(*(chain.end() - 1));
  for (auto c = chain.end(); c != chain.begin();) {
    const Counts& counts = counts_[*--c];
    double ended = kWiderEnds;
    double expected = kWiderEnds;
    for (std::size_t i = 0; i < kPieces; ++i) {
      ended += counts.ended[i];
      expected += counts.waited[i] * result[i];
    }
    const double belief = kWiderUses * std::min(1.0, ended / expected);
    for (std::size_t i = 0; i < kPieces; ++i) {
      result[i] = (counts.ended[i] + belief * result[i]) / (counts.waited[i] + kWiderUses);
    }
  }
  return result;
}

ReuseClasses::Chances ReuseClasses::chances(ReuseClass use) const {
  const auto hazard = hazards(use);
  const double not_soon = std::exp(-(hazard[0] + hazard[1] + hazard[2]));
  return {1 - not_soon, not_soon * (1 - std::exp(-(hazard[3] + hazard[4] + hazard[5])))};
}

/// Together with what the further uses are followed by. A use by chance `soon` goes on as
/// `after[0]` says, by chance `late` as `after[1]` does.
ReuseClasses::PerWrite ReuseClasses::with_what_follows(const Chances& chances,
                                                       const AfterGap& after) {
  return {chances.soon * after[0].late_gaps + chances.late * (1 + after[1].late_gaps),
          chances.soon * (1 + after[0].uses) + chances.late * (1 + after[1].uses)};
}

/// Of a known prefix of any size, as far as traffic as old as this tells: the longer a gap, the
/// less sure that the uses go on behind it.
ReuseClasses::Chances ReuseClasses::lasting_chances(ReuseClass use) const {
  const double age = static_cast<double>(fine_now_ - first_);
  auto result = chances(parent_of(use));
  if (age <= 0) return {};
  result.soon *= age / (age + kSoonGap);
  result.late *= age / (age + kLateGap);
  const double any = result.soon + result.late;
  if (any <= kMostChance) return result;
  return {result.soon * kMostChance / any, result.late * kMostChance / any};
}

const ReuseClasses::Following& ReuseClasses::following(config::PrefixKind kind) const {
  auto& known = following_[static_cast<std::size_t>(kind)];
  if (known) return *known;
  const auto of = [&](LastGap gap, std::uint32_t uses) {
    return lasting_chances(class_of_known(kind, gap, uses, 0));
  };
  auto& all = known.emplace(Following{});
  // Once it is used often nothing changes any more: two equations for each sum, of which the
  // unknowns are what follows a brief gap and a late one.
  const auto brief = of(LastGap::brief, kMostUses);
  const auto late = of(LastGap::late, kMostUses);
  const double all_ends = (1 - brief.soon) * (1 - late.late) - brief.late * late.soon;
  const auto solve = [&](double after_brief, double after_late) {
    return std::pair{((1 - late.late) * after_brief + brief.late * after_late) / all_ends,
                     (late.soon * after_brief + (1 - brief.soon) * after_late) / all_ends};
  };
  const auto late_gaps = solve(brief.late, late.late);
  const auto uses = solve(brief.soon + brief.late, late.soon + late.late);
  all[kMostUses - 1] = {{{late_gaps.first, uses.first}, {late_gaps.second, uses.second}}};
  for (auto n = kMostUses - 1; n > 0; --n) {
    all[n - 1] = {with_what_follows(of(LastGap::brief, n), all[n]),
                  with_what_follows(of(LastGap::late, n), all[n])};
  }
  return all;
}

ReuseClasses::PerWrite ReuseClasses::per_write(ReuseClass use, config::PrefixKind kind,
                                               std::uint32_t tokens) const {
  const double age = static_cast<double>(fine_now_ - first_);
  const double lasts = age / (age + kLasting);
  const auto next = std::min<std::size_t>(uses_of(use), kMostUses - 1);
  auto result = with_what_follows(chances(use), following(kind)[next]);
  result.late_gaps *= lasts;
  result.uses *= lasts;
  if (tokens >= kLargeTokens) {
    const auto& all = counts_[0];
    const double writes = all.waited[0] + all.ended[0];
    result.late_gaps =
        (writes * result.late_gaps + kLargeWrites * kLargeLateGaps) / (writes + kLargeWrites);
  }
  return result;
}

bool ReuseClasses::may_try() const {
  return tries_ < kTrust * (1 + successes_);
}

}  // namespace foreword::cache
