#include "tools/replay/provider.h"

#include <algorithm>
#include <cassert>

#include <fmt/format.h>

namespace foreword::replay {
namespace {

constexpr double kFirstByteS = 0.4;
constexpr double kUncachedTokensPerS = 12'000;

double first_byte_at(const Billed& billed, double now) {
  return now + kFirstByteS +
         static_cast<double>(billed.total() - billed.read) / kUncachedTokensPerS;
}

}  // namespace

double Billed::units(const config::CacheTerms& terms) const {
  return static_cast<double>(input) + static_cast<double>(read) * terms.read +
         static_cast<double>(write_short) * terms.write_short +
         static_cast<double>(write_long) * terms.write_long;
}

Billed& Billed::operator+=(const Billed& other) {
  input += other.input;
  read += other.read;
  write_short += other.write_short;
  write_long += other.write_long;
  return *this;
}

std::optional<std::string> refusal(std::span<const Mark> marks, std::uint32_t segments,
                                   const config::CacheTerms& terms) {
  if (marks.size() > terms.max_marks) {
    return fmt::format("{} marks where {} are allowed", marks.size(), terms.max_marks);
  }
  const Mark* before = nullptr;
  for (const auto& mark : marks) {
    if (mark.position == 0 || mark.position > segments) {
      return fmt::format("a mark at {} of {} segments", mark.position, segments);
    }
    if (mark.ttl_s != terms.ttl_short_s && mark.ttl_s != terms.ttl_long_s) {
      return fmt::format("a time to live of {} s", mark.ttl_s);
    }
    if (before != nullptr && before->position >= mark.position) {
      return fmt::format("a mark at {} behind one at {}", mark.position, before->position);
    }
    if (before != nullptr && before->ttl_s < mark.ttl_s) {
      return fmt::format("a mark for {} s behind one for {} s", mark.ttl_s, before->ttl_s);
    }
    before = &mark;
  }
  return std::nullopt;
}

void VirtualProvider::Entry::renew(double now) {
  expires_at = std::max(expires_at, now + ttl_s);
}

VirtualProvider::VirtualProvider(const Trace& trace, const config::CacheTerms& terms)
    : trace_(trace), terms_(terms), entry_of_(trace.different_segments()) {}

Answer VirtualProvider::send(std::size_t i, std::uint32_t segments, std::span<const Mark> marks,
                             double now) {
  assert(segments <= trace_.segment_count(i) && !refusal(marks, segments, terms_));
  return terms_.writes_free ? send_automatic(i, segments, now)
                            : send_marked(i, segments, marks, now);
}

VirtualProvider::Entry* VirtualProvider::find_live(Segment segment, double now) {
  const auto place = entry_of_[segment];
  if (place == 0) return nullptr;
  auto& entry = entries_[place - 1];
  return entry.is_live(now) ? &entry : nullptr;
}

std::uint32_t VirtualProvider::longest_read(std::size_t i, std::span<const Mark> marks,
                                            double now) {
  const auto segments = trace_.segments(i);
  auto looked_down_to = trace_.segment_count(i) + 1;
  for (auto mark = marks.rbegin(); mark != marks.rend(); ++mark) {
    const auto lowest = mark->position > terms_.lookback ? mark->position - terms_.lookback + 1 : 1;
    for (auto p = std::min(mark->position, looked_down_to - 1); p >= lowest; --p) {
      if (find_live(segments[p - 1], now) != nullptr) return p;
    }
    looked_down_to = std::min(looked_down_to, lowest);
  }
  return 0;
}

Answer VirtualProvider::send_marked(std::size_t i, std::uint32_t segments,
                                    std::span<const Mark> all_marks, double now) {
  const auto too_short = [&](const Mark& mark) {
    return trace_.tokens(i, mark.position) < terms_.min_tokens;
  };
  const auto first = std::ranges::find_if_not(all_marks, too_short);
  const std::span<const Mark> marks(first, all_marks.end());

  const auto read = longest_read(i, marks, now);
  auto last_long = read;
  auto last = read;
  for (const auto& mark : marks) {
    last = std::max(last, mark.position);
    if (mark.ttl_s == terms_.ttl_long_s) last_long = std::max(last_long, mark.position);
  }
  const auto tokens = [&](std::uint32_t position) { return trace_.tokens(i, position); };
  const Billed billed{.input = tokens(segments) - tokens(last),
                      .read = tokens(read),
                      .write_short = tokens(last) - tokens(last_long),
                      .write_long = tokens(last_long) - tokens(read)};
  const auto visible_at = first_byte_at(billed, now);

  const auto path = trace_.segments(i);
  if (read > 0) find_live(path[read - 1], now)->renew(now);
  for (const auto& mark : marks) {
    const auto segment = path[mark.position - 1];
    auto* const live = find_live(segment, now);
    if (live != nullptr) live->renew(now);
    if (live == nullptr && mark.position > read) write(segment, mark.ttl_s, now, visible_at);
  }
  return {billed, visible_at};
}

std::uint32_t VirtualProvider::longest_run(std::size_t i, std::uint32_t segments, double now) {
  const auto path = trace_.segments(i).first(segments);
  const auto end = std::ranges::find_if(
      path, [&](Segment segment) { return find_live(segment, now) == nullptr; });
  const auto run = static_cast<std::uint32_t>(end - path.begin());
  return trace_.tokens(i, run) < terms_.min_tokens ? 0 : run;
}

Answer VirtualProvider::send_automatic(std::size_t i, std::uint32_t segments, double now) {
  const auto read = longest_run(i, segments, now);
  const Billed billed{.input = trace_.tokens(i, segments) - trace_.tokens(i, read),
                      .read = trace_.tokens(i, read)};
  const auto visible_at = first_byte_at(billed, now);
  for (const auto segment : trace_.segments(i).first(segments)) {
    auto* const live = find_live(segment, now);
    if (live != nullptr) live->renew(now);
    if (live == nullptr) write(segment, terms_.ttl_short_s, now, visible_at);
  }
  return {billed, visible_at};
}

void VirtualProvider::write(Segment segment, std::int32_t ttl_s, double now, double visible_at) {
  auto& place = entry_of_[segment];
  if (place == 0) {
    entries_.emplace_back();
    place = static_cast<std::uint32_t>(entries_.size());
  }
  auto& entry = entries_[place - 1];
  const bool another_is_on_its_way = entry.visible_at > now && entry.expires_at > now;
  if (!another_is_on_its_way) {
    entry = {visible_at, now + ttl_s, ttl_s};
    return;
  }
  // Two answers write it: it is there with the first of them, and for the longer of both times.
  entry.visible_at = std::min(entry.visible_at, visible_at);
  entry.expires_at = std::max(entry.expires_at, now + ttl_s);
  entry.ttl_s = std::max(entry.ttl_s, ttl_s);
}

}  // namespace foreword::replay
