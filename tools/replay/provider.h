// A provider's prompt cache and its bill, as published, under a clock that the caller moves.
//
// With marks (Anthropic; OpenAI from gpt-5.6 on):
//   - Only a mark writes, one entry, and none below the minimum.
//   - From each mark, last first, `lookback` positions are looked at, its own included; the longest
//     entry found is read.
//   - An entry can be read from its writer's first byte on, and until its time to live has run from
//     the start of the request that wrote it or last read it. A mark on a live entry reads it too.
//   - With A the position read, B the last mark behind A with the long time to live, and C the last
//     mark: A is read, A to B is written for long, B to C for short, the rest is plain input.
// Without (OpenAI before, Gemini): every segment's end is an entry, and the longest run of live
// ones from the front is read, if it has the minimum. All else is plain input.
//
// Facts: config/cache_terms.h. What no provider publishes: the first byte comes 0.4 s after the
// start, and later by what is not read from the cache at 12,000 tokens a second.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "config/cache_terms.h"
#include "tools/replay/trace.h"

namespace foreword::replay {

struct Mark {
  std::uint32_t position = 0;  // segments in the prefix that it ends: from 1 on
  std::int32_t ttl_s = 0;
  bool operator==(const Mark&) const = default;
};

/// How a prompt was charged, in tokens; a token is in exactly one class.
struct Billed {
  std::uint64_t input = 0;
  std::uint64_t read = 0;
  std::uint64_t write_short = 0;
  std::uint64_t write_long = 0;

  [[nodiscard]] std::uint64_t total() const { return input + read + write_short + write_long; }
  /// In tokens of plain input.
  [[nodiscard]] double units(const config::CacheTerms& terms) const;
  Billed& operator+=(const Billed& other);
  bool operator==(const Billed&) const = default;
};

struct Answer {
  Billed billed;
  double first_byte_at = 0;  // what it wrote can be read from then on
};

/// Why a provider would refuse these marks on a prompt of that many segments; nothing: it would
/// not. They have to ascend, with long times to live in front of short ones.
[[nodiscard]] std::optional<std::string> refusal(std::span<const Mark> marks,
                                                 std::uint32_t segments,
                                                 const config::CacheTerms& terms);

/// One account and one model. Times never go back.
class VirtualProvider {
 public:
  /// The trace has to outlive it.
  VirtualProvider(const Trace& trace, const config::CacheTerms& terms);

  /// Sends the first `segments` of request i. The marks must not be such as refusal() names.
  Answer send(std::size_t i, std::uint32_t segments, std::span<const Mark> marks, double now);

 private:
  struct Entry {
    double visible_at = 0;
    double expires_at = 0;
    std::int32_t ttl_s = 0;
    [[nodiscard]] bool is_live(double now) const { return visible_at <= now && now < expires_at; }
    void renew(double now);
  };

  /// Nullptr if there is none that can be read.
  [[nodiscard]] Entry* find_live(Segment segment, double now);
  [[nodiscard]] std::uint32_t longest_read(std::size_t i, std::span<const Mark> marks, double now);
  [[nodiscard]] std::uint32_t longest_run(std::size_t i, std::uint32_t segments, double now);
  Answer send_marked(std::size_t i, std::uint32_t segments, std::span<const Mark> marks,
                     double now);
  Answer send_automatic(std::size_t i, std::uint32_t segments, double now);
  void write(Segment segment, std::int32_t ttl_s, double now, double visible_at);

  const Trace& trace_;
  config::CacheTerms terms_;
  std::vector<std::uint32_t> entry_of_;  // segment -> place in entries_ + 1; 0: never written
  std::vector<Entry> entries_;
};

}  // namespace foreword::replay
