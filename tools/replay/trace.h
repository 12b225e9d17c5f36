// A trace: when which prompts were asked, each a row of segments that are told apart by the prefix
// that they end.
//
// Every prompt is a path from the root of one tree: two prompts that begin alike share their first
// segments. A segment is a block of 512 tokens; the last one of a prompt may be shorter.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

namespace foreword::replay {

/// Stands for a prefix of a trace: 0, 1, ... without gaps.
using Segment = std::uint32_t;

inline constexpr std::uint32_t kBlockTokens = 512;

/// Never changes once built; any thread may read it.
class Trace {
 public:
  struct Request {
    double at = 0;                    // seconds, on the trace's own clock, in whole microseconds
    std::uint32_t input_tokens = 0;   // at least 1
    std::uint32_t output_tokens = 0;  //
    std::uint32_t source = 0;         // its place in the files, from 0 on, before sorting by time
    std::uint64_t first = 0;          // of its segments
  };

  /// By time; those of one time in the order of the files.
  [[nodiscard]] std::size_t size() const { return requests_.size(); }
  [[nodiscard]] const Request& operator[](std::size_t i) const { return requests_[i]; }

  [[nodiscard]] std::span<const Segment> segments(std::size_t i) const {
    return std::span(segments_).subspan(requests_[i].first, segment_count(i));
  }
  [[nodiscard]] std::uint32_t segment_count(std::size_t i) const {
    return (requests_[i].input_tokens + kBlockTokens - 1) / kBlockTokens;
  }
  /// Segments that are not cut short by the end of the prompt.
  [[nodiscard]] std::uint32_t full_segments(std::size_t i) const {
    return requests_[i].input_tokens / kBlockTokens;
  }
  /// In the first `position` segments of request i.
  [[nodiscard]] std::uint32_t tokens(std::size_t i, std::uint32_t position) const {
    const auto full = std::uint64_t{position} * kBlockTokens;
    const auto all = requests_[i].input_tokens;
    return full < all ? static_cast<std::uint32_t>(full) : all;
  }

  /// Different ones, in all requests: every Segment is below it.
  [[nodiscard]] std::uint32_t different_segments() const { return different_segments_; }
  /// Of all requests together, each time that one is used.
  [[nodiscard]] std::uint64_t segment_uses() const { return segments_.size(); }
  [[nodiscard]] std::uint64_t input_tokens() const { return input_tokens_; }

 private:
  friend class TraceBuilder;
  std::vector<Request> requests_;
  std::vector<Segment> segments_;
  std::uint32_t different_segments_ = 0;
  std::uint64_t input_tokens_ = 0;
};

/// Collects requests in any order. Ids are those of the current file: the same id behind the same
/// segments is the same segment, whatever else ids mean to whoever wrote them.
class TraceBuilder {
 public:
  /// What add() takes at most: microseconds stay exact in a double, sums in 64 bits.
  static constexpr double kMaxTimestampMs = 8e12;
  static constexpr std::uint64_t kMaxTokens = 100'000'000;
  /// One gigabyte of them.
  static constexpr std::uint64_t kMaxSegmentUses = 1u << 28;

  /// Behind this, ids mean other segments than before.
  void next_file() { known_.clear(); }

  /// `input_tokens` from 1 on, as many ids as there are blocks, full ones and a last one; all
  /// within the bounds above.
  void add(double timestamp_ms, std::uint64_t input_tokens, std::uint64_t output_tokens,
           std::span<const std::uint64_t> ids);

  [[nodiscard]] std::uint64_t segment_uses() const { return trace_.segments_.size(); }
  [[nodiscard]] std::size_t size() const { return trace_.requests_.size(); }

  [[nodiscard]] Trace build() &&;

 private:
  struct Child {
    Segment parent = 0;
    std::uint64_t id = 0;
    bool operator==(const Child&) const = default;
  };
  struct ChildHash {
    std::size_t operator()(const Child& child) const;
  };

  Trace trace_;
  boost::unordered_flat_map<Child, Segment, ChildHash> known_;
};

}  // namespace foreword::replay
