#include "tools/replay/fixed_policies.h"

#include <algorithm>
#include <vector>

namespace foreword::replay {
namespace {

constexpr std::uint32_t kSpread = 20;

std::vector<Mark> one_mark(std::uint32_t position, std::int32_t ttl_s) {
  if (position == 0) return {};
  return {Mark{position, ttl_s}};
}

class Nothing : public Policy {
 public:
  Decision decide(std::size_t, double) override { return {}; }
};

class End : public Policy {
 public:
  End(const Trace& trace, std::int32_t ttl_s) : trace_(trace), ttl_s_(ttl_s) {}
  Decision decide(std::size_t i, double) override {
    return {.marks = one_mark(trace_.segment_count(i), ttl_s_)};
  }

 private:
  const Trace& trace_;
  std::int32_t ttl_s_;
};

class Head : public Policy {
 public:
  Head(const Trace& trace, std::int32_t ttl_s)
      : trace_(trace), ttl_s_(ttl_s), seen_(trace.different_segments()) {}

  Decision decide(std::size_t i, double) override {
    const auto segments = trace_.segments(i);
    const auto news = std::ranges::find_if_not(segments, [&](auto s) { return seen_[s]; });
    const auto shared = static_cast<std::uint32_t>(news - segments.begin());
    for (const auto segment : segments) seen_[segment] = true;
    return {.marks = one_mark(shared > 0 ? shared : trace_.full_segments(i), ttl_s_)};
  }

 private:
  const Trace& trace_;
  std::int32_t ttl_s_;
  std::vector<bool> seen_;
};

/// `most` marks from the last full segment forwards, kSpread apart.
class Spread : public Policy {
 public:
  Spread(const Trace& trace, std::uint32_t most, std::int32_t ttl_s)
      : trace_(trace), most_(most), ttl_s_(ttl_s) {}

  Decision decide(std::size_t i, double) override {
    Decision decision;
    auto position = trace_.full_segments(i);
    while (position > 0 && decision.marks.size() < most_) {
      decision.marks.push_back({position, ttl_s_});
      position -= std::min(position, kSpread);
    }
    std::ranges::reverse(decision.marks);
    return decision;
  }

 private:
  const Trace& trace_;
  std::uint32_t most_;
  std::int32_t ttl_s_;
};

}  // namespace

std::unique_ptr<Policy> mark_nothing() {
  return std::make_unique<Nothing>();
}

std::unique_ptr<Policy> mark_end(const Trace& trace, std::int32_t ttl_s) {
  return std::make_unique<End>(trace, ttl_s);
}

std::unique_ptr<Policy> mark_last_full(const Trace& trace, std::int32_t ttl_s) {
  return std::make_unique<Spread>(trace, 1, ttl_s);
}

std::unique_ptr<Policy> mark_head(const Trace& trace, std::int32_t ttl_s) {
  return std::make_unique<Head>(trace, ttl_s);
}

std::unique_ptr<Policy> mark_spread(const Trace& trace, const config::CacheTerms& terms,
                                    std::int32_t ttl_s) {
  return std::make_unique<Spread>(trace, terms.max_marks, ttl_s);
}

}  // namespace foreword::replay
