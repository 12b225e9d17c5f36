// Which prefixes of a prompt to have cached, and for how long: by what it will probably save.
//
// Pure. Money is counted in the price of an input token, so that a provider's ratios are all it
// needs: a read costs `terms.read`, a write `terms.write_short` or `terms.write_long`.
//
//   brief:    a write costs write_short - 1 more than plain input, and with the chance `soon` the
//             next use reads instead of writing or sending it plain.
//   extended: costs write_long - write_short more than brief; each gap between two uses that is too
//             long for brief saves a write of it.
//
// Segments are written from the front, so the gains of all positions in front count too: the
// choice is how far to write for how long. Entries exist at breakpoints only. Those beside the last
// cost nothing, and are put where later prompts are expected to leave this one's path.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "config/cache_terms.h"
#include "config/outlook.h"

namespace foreword::assembler {

/// Whether a prompt is so far below what the model caches that it is not worth remembering.
[[nodiscard]] bool is_far_too_small(std::span<const config::PromptPrefix> prefixes,
                                    const config::CacheTerms& terms);

struct MarkChoice {
  /// Ascending, at most what there was room for; extended ones first.
  std::vector<config::Mark> marks;
  /// Position to which the provider will read, if all is as remembered; 0: nothing is warm.
  std::uint32_t read = 0;
  /// Positions to which it will write: extended first, then brief.
  std::uint32_t written_extended = 0;
  std::uint32_t written = 0;
};

/// `room`: breakpoints that may be set. `others`: those that the request has anyway (ascending); up
/// to the last of them all is written, so that this much costs nothing more, and what they find
/// needs none of ours to be read.
[[nodiscard]] MarkChoice choose_marks(std::span<const config::PromptPrefix> prefixes,
                                      const config::Outlook& outlook,
                                      const config::CacheTerms& terms, std::uint32_t room,
                                      std::span<const config::Mark> others = {});

}  // namespace foreword::assembler
