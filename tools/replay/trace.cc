#include "tools/replay/trace.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include <boost/container_hash/hash.hpp>

namespace foreword::replay {
namespace {

constexpr Segment kRoot = std::numeric_limits<Segment>::max();

/// The nearest whole microsecond, which prints and reads back as the same number.
double seconds(double timestamp_ms) {
  return std::round(timestamp_ms * 1000) / 1'000'000;
}

}  // namespace

std::size_t TraceBuilder::ChildHash::operator()(const Child& child) const {
  std::size_t hash = 0;
  boost::hash_combine(hash, child.parent);
  boost::hash_combine(hash, child.id);
  return hash;
}

void TraceBuilder::add(double timestamp_ms, std::uint64_t input_tokens, std::uint64_t output_tokens,
                       std::span<const std::uint64_t> ids) {
  assert(input_tokens > 0 && (input_tokens + kBlockTokens - 1) / kBlockTokens == ids.size());
  auto& all = trace_.segments_;
  trace_.requests_.push_back({.at = seconds(timestamp_ms),
                              .input_tokens = static_cast<std::uint32_t>(input_tokens),
                              .output_tokens = static_cast<std::uint32_t>(output_tokens),
                              .source = static_cast<std::uint32_t>(trace_.requests_.size()),
                              .first = all.size()});
  trace_.input_tokens_ += input_tokens;
  auto parent = kRoot;
  for (const auto id : ids) {
    const auto [found, is_new] = known_.try_emplace({parent, id}, trace_.different_segments_);
    if (is_new) ++trace_.different_segments_;
    parent = found->second;
    all.push_back(parent);
  }
}

Trace TraceBuilder::build() && {
  std::ranges::stable_sort(trace_.requests_, {}, &Trace::Request::at);
  return std::move(trace_);
}

}  // namespace foreword::replay
