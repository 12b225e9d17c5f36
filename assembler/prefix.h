// The identity of each prefix of a prompt: what has to be the same for a provider's cache to find
// it again.
#pragma once

#include <span>
#include <vector>

#include "assembler/outline.h"
#include "config/hash128.h"

namespace foreword::assembler {

/// What is put between the client's segments.
struct InsertedSegments {
  std::span<const config::Hash128> hashes;
  /// Segments of the client's in front of it.
  std::size_t before = 0;
  SegmentKind level{};
};

/// One hash for each segment, of all that the prompt holds up to its end: the level hashes go in
/// where their level begins, also where it has no segment. `seed` stands for what the body does not
/// tell: provider, model, account.
///
/// Prefixes are equal where the client wrote the same bytes. The same prompt written in another
/// way (other white space, a string in place of a list with one text) counts as another one.
[[nodiscard]] std::vector<config::Hash128> prefix_hashes(const Outline& outline,
                                                         const config::Hash128& seed,
                                                         const InsertedSegments& inserted = {});

}  // namespace foreword::assembler
