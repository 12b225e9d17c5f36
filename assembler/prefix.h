// The identity of each prefix of a prompt: what has to be the same for a provider's cache to find
// it again.
#pragma once

#include <vector>

#include "assembler/outline.h"
#include "config/hash128.h"

namespace foreword::assembler {

/// One hash for each segment, of all that the prompt holds up to its end: the level hashes go in
/// where their level begins, also where it has no segment. `seed` stands for what the body does not
/// tell: provider, model, account, knowledge base.
///
/// Prefixes are equal where the client wrote the same bytes. The same prompt written in another
/// way (other white space, a string in place of a list with one text) counts as another one.
[[nodiscard]] std::vector<config::Hash128> prefix_hashes(const Outline& outline,
                                                         const config::Hash128& seed);

}  // namespace foreword::assembler
