#include "tools/replay/bound.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace foreword::replay {
namespace {

constexpr float kNever = std::numeric_limits<float>::infinity();

/// Of a segment, after its last use. The least cost so far is in the sum already: the members say
/// how much more it is to have the segment written as well.
struct State {
  double last_use = 0;
  float written_short = kNever;
  float written_long = kNever;
};

/// What it costs to find at a gap's end what lasts `ttl_s` since its start; per token.
double keep(double gap, std::int32_t ttl_s, const config::CacheTerms& terms, Pings pings) {
  if (gap <= ttl_s) return 0;
  if (pings == Pings::no) return kNever;
  return (std::ceil(gap / ttl_s) - 1) * terms.read;
}

class Uses {
 public:
  Uses(const Trace& trace, const config::CacheTerms& terms, Pings pings)
      : terms_(terms), pings_(pings), states_(trace.different_segments()) {}

  /// The least that it adds to the sum of all before.
  double use(Segment segment, double at, double tokens) {
    auto& state = states_[segment];
    const auto gap = at - state.last_use;
    double plain = tokens;
    double to_short = tokens * terms_.write_short;
    double to_long = terms_.ttl_long_s > 0 ? tokens * terms_.write_long : kNever;
    if (state.written_short < kNever) {
      to_short = std::min(to_short, state.written_short + read(gap, terms_.ttl_short_s) * tokens);
    }
    if (state.written_long < kNever) {
      to_long = std::min(to_long, state.written_long + read(gap, terms_.ttl_long_s) * tokens);
    }
    const auto least = std::min({plain, to_short, to_long});
    state = {at, static_cast<float>(to_short - least), static_cast<float>(to_long - least)};
    return least;
  }

 private:
  [[nodiscard]] double read(double gap, std::int32_t ttl_s) const {
    return terms_.read + keep(gap, ttl_s, terms_, pings_);
  }

  const config::CacheTerms& terms_;
  Pings pings_;
  std::vector<State> states_;
};

}  // namespace

double clairvoyant_bound(const Trace& trace, const config::CacheTerms& terms, Pings pings) {
  Uses uses(trace, terms, pings);
  double sum = 0;
  for (std::size_t i = 0; i < trace.size(); ++i) {
    const auto segments = trace.segments(i);
    for (std::uint32_t p = 0; p < segments.size(); ++p) {
      const auto tokens = trace.tokens(i, p + 1) - trace.tokens(i, p);
      sum += uses.use(segments[p], trace[i].at, tokens);
    }
  }
  return sum;
}

}  // namespace foreword::replay
