#include "assembler/prefix.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <span>

namespace foreword::assembler {
namespace {

using config::Hash128;

/// The name of what is `before` with `next` behind it. Both are hashes already, so that it is
/// enough to mix them: for each of the two it gives all 128 bits of the other one back, and their
/// order counts. A fifth of what hashing them anew takes, of which each segment waits for the one
/// before it.
Hash128 chain(const Hash128& before, const Hash128& next) {
  constexpr std::uint64_t kFirst = 0x9e37'79b9'7f4a'7c15;  // odd, so that nothing is lost
  constexpr std::uint64_t kSecond = 0xc2b2'ae3d'27d4'eb4f;
  const auto low = std::rotl((before.low ^ next.low) * kFirst, 29) + before.high;
  const auto high = std::rotl((before.high ^ next.high) * kSecond, 31) ^ low;
  return {.high = high, .low = low};
}

}  // namespace

std::vector<Hash128> prefix_hashes(const Outline& outline, const Hash128& seed,
                                   const InsertedSegments& inserted) {
  const std::span<const Segment> segments = outline.segments;
  std::vector<Hash128> hashes(segments.size() + inserted.hashes.size());
  auto next = hashes.begin();
  Hash128 hash = seed;
  std::size_t levels = 0;
  const auto add = [&](SegmentKind level, const Hash128& segment) {
    for (; levels <= static_cast<std::size_t>(level); ++levels) {
      hash = chain(hash, outline.level_hash[levels]);
    }
    *next++ = hash = chain(hash, segment);
  };
  const auto before = std::min(inserted.before, segments.size());
  for (const auto& segment : segments.first(before)) add(segment.kind, segment.hash);
  for (const auto& each : inserted.hashes) add(inserted.level, each);
  for (const auto& segment : segments.subspan(before)) add(segment.kind, segment.hash);
  return hashes;
}

}  // namespace foreword::assembler
