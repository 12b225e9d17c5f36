#include "assembler/prefix.h"

#include "config/hash_stream.h"

namespace foreword::assembler {

std::vector<config::Hash128> prefix_hashes(const Outline& outline, const config::Hash128& seed,
                                           const InsertedSegments& inserted) {
  std::vector<config::Hash128> hashes;
  hashes.reserve(outline.segments.size() + inserted.hashes.size());
  config::Hash128 hash = seed;
  std::size_t levels = 0;
  const auto add = [&](SegmentKind level, const config::Hash128& segment) {
    for (; levels <= static_cast<std::size_t>(level); ++levels) {
      hash = config::combine(hash, outline.level_hash[levels]);
    }
    hash = config::combine(hash, segment);
    hashes.push_back(hash);
  };
  const auto add_inserted = [&] {
    for (const auto& each : inserted.hashes) add(inserted.level, each);
  };
  for (std::size_t i = 0; i < outline.segments.size(); ++i) {
    if (i == inserted.before) add_inserted();
    add(outline.segments[i].kind, outline.segments[i].hash);
  }
  if (inserted.before >= outline.segments.size()) add_inserted();
  return hashes;
}

}  // namespace foreword::assembler
