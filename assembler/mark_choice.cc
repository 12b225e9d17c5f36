#include "assembler/mark_choice.h"

#include <algorithm>

namespace foreword::assembler {
namespace {

using config::CacheTerms;
using config::Lifetime;
using config::Mark;
using config::Outlook;
using config::PromptPrefix;
using Prefixes = std::span<const PromptPrefix>;

double tokens_at(Prefixes prefixes, std::uint32_t position) {
  return position == 0 ? 0 : prefixes[position - 1].tokens;
}

/// Of a token of a run, when it is written now.
struct Gain {
  double brief = 0;
  double extended = 0;
};

/// Below this many late gaps per write they are chance.
constexpr double kFewLateGaps = 0.3;
/// And up to such a gain brief does hardly pay.
constexpr double kBarely = 0.1;

Gain gain_of(const Outlook::Run& run, const CacheTerms& terms) {
  // At its next use a token that is not warm is written again, or sent plain as long as it is used
  // soon: whichever is cheaper.
  const double plain_until_late = (1 - terms.read) / (1 - std::min(run.soon, .999));
  const double missed = std::min(terms.write_short - terms.read, plain_until_late);
  Gain gain;
  gain.brief = run.soon * missed - (terms.write_short - 1);
  gain.extended = gain.brief + run.late_gaps * (terms.write_short - terms.read) -
                  (terms.write_long - terms.write_short);
  if (gain.brief <= kBarely && run.late_gaps > kFewLateGaps) {
    // Where brief does not pay at all: against sending it plain each time.
    gain.extended = std::max(gain.extended, run.uses * (1 - terms.read) - (terms.write_long - 1));
  }
  return gain;
}

/// What would be written, piece by piece.
struct Piece {
  std::uint32_t end = 0;
  double brief = 0;
  double extended = 0;
};

std::vector<Piece> pieces_behind(std::uint32_t read, Prefixes prefixes, const Outlook& outlook,
                                 const CacheTerms& terms, std::uint32_t written_anyway) {
  std::vector<Piece> pieces;
  std::uint32_t begin = 0;
  for (const auto& run : outlook.runs) {
    const auto from = std::max(begin, read);
    begin = run.end;
    if (from >= run.end) continue;
    const double tokens = tokens_at(prefixes, run.end) - tokens_at(prefixes, from);
    auto gain = gain_of(run, terms);
    if (from >= outlook.seen && !outlook.may_try) {
      gain = {std::min(gain.brief, 0.0), std::min(gain.extended, 0.0)};
    }
    if (run.end <= written_anyway) {
      gain.extended -= gain.brief;
      gain.brief = 0;
    }
    pieces.push_back({run.end, tokens * gain.brief, tokens * gain.extended});
  }
  return pieces;
}

struct Reach {
  std::uint32_t extended = 0;
  std::uint32_t written = 0;
};

/// For each piece about the most that extended in front of it and brief from there on gain. Quick,
/// since they differ only by rounding from what best_reach() adds up.
std::vector<double> most_from(std::span<const Piece> pieces) {
  std::vector<double> most(pieces.size() + 1);
  double extended = 0;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    most[i] = extended;
    extended += pieces[i].extended;
  }
  most.back() = extended;
  double brief = 0;
  for (std::size_t i = pieces.size(); i > 0; --i) {
    brief = std::max(0.0, brief + pieces[i - 1].brief);
    most[i - 1] += brief;
  }
  return most;
}

/// Extended up to a piece, brief from there to another: the pair that gains most.
Reach best_reach(std::uint32_t read, std::span<const Piece> pieces, bool extended_exists) {
  // A gain of a token's price is far below what anything is decided by, and far above rounding.
  constexpr double kRounding = 1e-3;
  const auto most_of = most_from(extended_exists ? pieces : pieces.first(0));
  const double enough = std::ranges::max(most_of) - kRounding;
  Reach best{read, read};
  double most = 0;
  double extended = 0;
  for (std::size_t first = 0; first <= pieces.size(); ++first) {
    if (first > 0) extended += pieces[first - 1].extended;
    const auto extended_end = first == 0 ? read : pieces[first - 1].end;
    if (extended_exists && most_of[first] < enough) continue;
    double gain = extended;
    if (gain > most) {
      most = gain;
      best = {extended_end, extended_end};
    }
    for (std::size_t i = first; i < pieces.size(); ++i) {
      gain += pieces[i].brief;
      if (gain <= most) continue;
      most = gain;
      best = {extended_end, pieces[i].end};
    }
    if (!extended_exists) break;
  }
  return best;
}

/// The last position at or in front of `position` that may carry a breakpoint; 0: none.
std::uint32_t markable_at(Prefixes prefixes, std::uint32_t position) {
  while (position > 0 && !prefixes[position - 1].markable) --position;
  return position;
}

/// Where prompts part from this one, ascending, each with the weight of it and all in front of it.
using Partings = std::vector<Outlook::Parting>;

Partings partings_between(std::uint32_t read, std::uint32_t written, Prefixes prefixes,
                          const Outlook& outlook, const CacheTerms& terms) {
  Partings partings;
  for (const auto& parting : outlook.partings) {
    const auto position = markable_at(prefixes, std::min(parting.position, written));
    if (position > read && tokens_at(prefixes, position) >= terms.min_tokens) {
      partings.push_back({position, parting.weight});
    }
  }
  std::ranges::sort(partings, {}, &Outlook::Parting::position);
  double sum = 0;
  for (auto& parting : partings) parting.weight = sum += parting.weight;
  return partings;
}

double weight_before(const Partings& partings, std::uint32_t position) {
  const auto found = std::ranges::lower_bound(partings, position, {}, &Outlook::Parting::position);
  return found == partings.begin() ? 0 : (found - 1)->weight;
}

/// Adds up to `room` positions at which an entry serves the prompts that part from this one in
/// front of `positions.front()`, the best first. `positions`: descending.
void add_partings(std::vector<std::uint32_t>& positions, std::size_t room, Prefixes prefixes,
                  const Partings& partings, std::uint32_t read) {
  while (positions.size() < room) {
    double most = 0;
    std::uint32_t best = 0;
    for (const auto& parting : partings) {
      const auto at = parting.position;
      // Those that part between it and the next entry can read to here, and not only to the one
      // before.
      const auto next = std::ranges::upper_bound(positions, at, std::ranges::greater_equal{});
      const auto before = next == positions.end() ? read : *next;
      if (next == positions.begin() || *(next - 1) == at) continue;
      const double parts = weight_before(partings, *(next - 1)) - weight_before(partings, at);
      const double saved = parts * (tokens_at(prefixes, at) - tokens_at(prefixes, before));
      if (saved <= most) continue;
      most = saved;
      best = at;
    }
    if (best == 0) return;
    positions.insert(std::ranges::lower_bound(positions, best, std::ranges::greater{}), best);
  }
}

/// Whether one of these breakpoints finds an entry at that position.
bool finds(std::span<const Mark> marks, std::uint32_t position, std::uint32_t lookback) {
  return std::ranges::any_of(marks, [&](const Mark& mark) {
    return mark.position >= position && mark.position - position < lookback;
  });
}

}  // namespace

bool is_far_too_small(std::span<const config::PromptPrefix> prefixes,
                      const config::CacheTerms& terms) {
  return prefixes.empty() || prefixes.back().tokens < terms.min_tokens / 2;
}

MarkChoice choose_marks(Prefixes prefixes, const Outlook& outlook, const CacheTerms& terms,
                        std::uint32_t room, std::span<const Mark> others) {
  MarkChoice choice;
  if (!terms.marks || room == 0 || prefixes.empty()) return choice;
  if (outlook.warm && tokens_at(prefixes, outlook.warm->position) >= terms.min_tokens) {
    choice.read = outlook.warm->position;
  }
  const bool reads_anyway = finds(others, choice.read, terms.lookback);
  const auto written_anyway = others.empty() ? 0 : others.back().position;
  const auto pieces = pieces_behind(choice.read, prefixes, outlook, terms, written_anyway);
  auto reach = best_reach(choice.read, pieces, terms.write_long > 0);
  reach.written = markable_at(prefixes, reach.written);
  reach.extended = std::min(markable_at(prefixes, reach.extended), reach.written);

  std::vector<std::uint32_t> positions;
  const bool marks_read = choice.read > 0 && !reads_anyway;
  const std::size_t room_to_write = room - (marks_read ? 1 : 0);
  if (reach.written > choice.read && room_to_write > 0 &&
      tokens_at(prefixes, reach.written) >= terms.min_tokens) {
    positions.push_back(reach.written);  // descending
    if (reach.extended < reach.written) {
      // The extended part needs an entry of its own.
      const bool fits = reach.extended > choice.read && room_to_write > 1 &&
                        tokens_at(prefixes, reach.extended) >= terms.min_tokens;
      if (fits) positions.push_back(reach.extended);
      if (!fits) reach.extended = choice.read;
    }
    add_partings(positions, room_to_write, prefixes,
                 partings_between(choice.read, reach.written, prefixes, outlook, terms),
                 choice.read);
    choice.written = reach.written;
    choice.written_extended = std::max(reach.extended, choice.read);
  } else {
    choice.written = choice.written_extended = choice.read;
  }
  if (marks_read) positions.push_back(choice.read);
  std::ranges::reverse(positions);
  for (const auto position : positions) {
    // What stands in front of an extended one has to be extended too.
    const bool extended =
        choice.written_extended > choice.read
            ? position <= choice.written_extended
            : position == choice.read && outlook.warm->lifetime == Lifetime::extended;
    choice.marks.push_back({position, extended ? Lifetime::extended : Lifetime::brief});
  }
  return choice;
}

}  // namespace foreword::assembler
