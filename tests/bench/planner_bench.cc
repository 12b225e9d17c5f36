#include "bench/planner_bench.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include <malloc.h>

#include "assembler/marks.h"
#include "assembler/outline.h"
#include "assembler/prompt_path.h"
#include "cache/prefix_memory.h"
#include "config/cache_terms.h"
#include "config/hash_stream.h"
#include "support/anthropic_terms.h"

namespace foreword::bench {
namespace {

using config::TimePoint;

constexpr std::size_t kSegments = 1000;
constexpr std::size_t kPrompts = 300;
constexpr std::uint32_t kTokensPerSegment = 120;
constexpr double kBytesPerToken = 3.7;
constexpr std::uint32_t kTextBytes = 450;
constexpr std::size_t kMemoryBytes = std::size_t{1} << 30;
constexpr TimePoint kStart{std::chrono::hours(500'000)};
/// Ten requests a second, each answered two seconds later.
constexpr std::chrono::milliseconds kBetween{100};
constexpr std::chrono::seconds kToFirstByte{2};

config::Hash128 hash_of(std::uint64_t prompt, std::uint64_t position) {
  return config::combine({0, prompt}, {0, position});
}

/// A Messages request of so many segments. Those of two prompts have no hash in common.
assembler::Outline make_outline(std::uint64_t prompt, std::size_t segments) {
  assembler::Outline outline;
  outline.operation = config::Operation::messages;
  outline.segments.resize(segments);
  for (std::size_t i = 0; i < segments; ++i) {
    auto& segment = outline.segments[i];
    segment.kind = assembler::SegmentKind::message_block;
    segment.markable = assembler::Markable::block;
    segment.text_bytes = kTextBytes;
    segment.hash = hash_of(prompt, i);
  }
  return outline;
}

class Planner {
 public:
  /// Fills the memory: each prompt has been seen once.
  explicit Planner(const std::vector<assembler::Outline>& outlines) {
    for (const auto& outline : outlines) decide(outline);
  }

  std::size_t decide(const assembler::Outline& outline) {
    now_ += kBetween;
    const auto path = assembler::prompt_path(outline, {}, scope_.id, kBytesPerToken);
    const auto outlook = memory_.outlook(scope_, path.prefixes, now_);
    const auto wanted = assembler::wanted_marks(path, outline, outlook, test::kAnthropicTerms);
    const auto placed =
        assembler::place_marks({.outline = &outline, .wanted = wanted.marks}).placed;
    marks_.clear();
    for (const auto& mark : placed) {
      const bool extended = mark.ttl == assembler::Ttl::hour_1;
      marks_.push_back({path.position_of(mark.segment),
                        extended ? config::Lifetime::extended : config::Lifetime::brief});
    }
    return memory_.sent(scope_, path.prefixes, marks_, now_, {now_ + kToFirstByte}).count;
  }

  [[nodiscard]] std::size_t remembered() const { return memory_.size(); }

 private:
  TimePoint now_ = kStart;
  cache::CacheScope scope_{{1, 1},
                           std::chrono::seconds(test::kAnthropicTerms.ttl_short_s),
                           std::chrono::seconds(test::kAnthropicTerms.ttl_long_s),
                           test::kAnthropicTerms.lookback};
  cache::PrefixMemory memory_{kMemoryBytes, kStart};
  std::vector<config::Mark> marks_;
};

std::vector<assembler::Outline> make_outlines(std::size_t segments) {
  std::vector<assembler::Outline> outlines;
  for (std::uint64_t i = 0; i < kPrompts; ++i) outlines.push_back(make_outline(i, segments));
  return outlines;
}

void tell(benchmark::State& state, const Planner& planner) {
  state.counters["remembered"] = static_cast<double>(planner.remembered());
}

}  // namespace

void decide_again(benchmark::State& state) {
  const auto outlines = make_outlines(kSegments);
  Planner planner(outlines);
  for (auto _ : state) benchmark::DoNotOptimize(planner.decide(outlines.front()));
  tell(state, planner);
}

void decide_cold(benchmark::State& state) {
  const auto outlines = make_outlines(kSegments);
  Planner planner(outlines);
  std::size_t turn = 0;
  for (auto _ : state) benchmark::DoNotOptimize(planner.decide(outlines[turn++ % kPrompts]));
  tell(state, planner);
}

void decide_growing(benchmark::State& state) {
  // The last fifty turns of conversations that grew by two segments a turn, one after the other.
  constexpr std::size_t kStep = 2;
  constexpr std::size_t kMeasured = kSegments - 50 * kStep;
  Planner planner(make_outlines(kSegments));
  auto conversation = kPrompts;
  auto outline = make_outline(conversation, 0);
  for (auto _ : state) {
    state.PauseTiming();
    if (outline.segments.size() == kSegments) outline = make_outline(++conversation, 0);
    const auto grow = [&] {
      outline = make_outline(conversation, outline.segments.size() + kStep);
    };
    while (outline.segments.size() < kMeasured) {
      grow();
      planner.decide(outline);
    }
    grow();
    state.ResumeTiming();
    benchmark::DoNotOptimize(planner.decide(outline));
  }
  tell(state, planner);
}

void remember(benchmark::State& state) {
  const auto prefixes_wanted = static_cast<std::size_t>(state.range(0));
  const auto in_use = [] {
    const auto info = mallinfo2();
    return info.uordblks + info.hblkhd;
  };
  std::vector<config::PromptPrefix> prefixes(100);
  for (auto _ : state) {
    const auto before = in_use();
    cache::PrefixMemory memory(kMemoryBytes, kStart);
    const cache::CacheScope scope{{1, 1}, std::chrono::minutes(5), std::chrono::hours(1)};
    for (std::uint64_t i = 0; i * prefixes.size() < prefixes_wanted; ++i) {
      for (std::uint32_t k = 0; k < prefixes.size(); ++k) {
        prefixes[k] = {hash_of(i, k), (k + 1) * kTokensPerSegment, config::PrefixKind::body, true};
      }
      memory.sent(scope, prefixes, {}, kStart, {kStart});
    }
    const auto count = static_cast<double>(memory.size());
    state.counters["remembered"] = count;
    state.counters["table"] = static_cast<double>(memory.bytes()) / count;
    state.counters["heap"] = static_cast<double>(in_use() - before) / count;
  }
}

}  // namespace foreword::bench
