#include "assembler/prefix.h"

#include "config/hash_stream.h"

namespace foreword::assembler {

std::vector<config::Hash128> prefix_hashes(const Outline& outline, const config::Hash128& seed) {
  std::vector<config::Hash128> hashes;
  hashes.reserve(outline.segments.size());
  config::Hash128 hash = seed;
  std::size_t levels = 0;
  for (const Segment& segment : outline.segments) {
    for (; levels <= static_cast<std::size_t>(segment.kind); ++levels) {
      hash = config::combine(hash, outline.level_hash[levels]);
    }
    hash = config::combine(hash, segment.hash);
    hashes.push_back(hash);
  }
  return hashes;
}

}  // namespace foreword::assembler
