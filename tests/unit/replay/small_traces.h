// Traces by hand and by chance, and Anthropic's terms.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "config/cache_terms.h"
#include "support/anthropic_terms.h"
#include "tools/replay/trace.h"

namespace foreword::replay {

inline constexpr auto kMarked = test::kAnthropicTerms;

inline constexpr config::CacheTerms kAutomatic{.read = 0.25,
                                               .ttl_short_s = 600,
                                               .min_tokens = 1024,
                                               .lookback = config::kUnlimitedLookback,
                                               .writes_free = true};

struct SmallRequest {
  double at = 0;  // seconds
  std::vector<std::uint64_t> ids;
  std::uint32_t last_tokens = kBlockTokens;
};

inline Trace make_trace(const std::vector<SmallRequest>& requests) {
  TraceBuilder trace;
  for (const auto& request : requests) {
    const auto input = (request.ids.size() - 1) * kBlockTokens + request.last_tokens;
    trace.add(request.at * 1000, input, 10, request.ids);
  }
  return std::move(trace).build();
}

/// first, first + 1, ...: `count` of them.
inline std::vector<std::uint64_t> run_of(std::uint64_t first, std::size_t count) {
  std::vector<std::uint64_t> ids;
  for (std::size_t i = 0; i < count; ++i) ids.push_back(first + i);
  return ids;
}

/// Two lists, one behind the other.
inline std::vector<std::uint64_t> joined(std::vector<std::uint64_t> front,
                                         const std::vector<std::uint64_t>& behind) {
  front.insert(front.end(), behind.begin(), behind.end());
  return front;
}

/// Prompts that share what few of them begin with, at gaps around the times to live.
inline Trace random_trace(std::uint32_t seed, std::size_t requests, std::size_t most_segments) {
  std::mt19937 random(seed);
  const auto below = [&](std::size_t n) { return random() % n; };
  std::vector<SmallRequest> all;
  double at = 0;
  for (std::size_t i = 0; i < requests; ++i) {
    SmallRequest request;
    const auto kind = below(3);
    const auto shared = 1 + below(most_segments);
    request.ids = joined(run_of(kind * 10'000, shared), run_of(1'000'000 + i * 1000, below(4)));
    request.last_tokens = static_cast<std::uint32_t>(1 + below(kBlockTokens));
    constexpr double kGaps[] = {0.1, 20, 250, 400, 3000, 5000};
    at += kGaps[below(6)];
    request.at = at;
    all.push_back(request);
  }
  return make_trace(all);
}

}  // namespace foreword::replay
