// The oracle's second step: what a segment says, and what may be done with it, out of a tree of the
// whole body. Slow, and written from what outline.h promises, not from how the product does it.
#pragma once

#include <string_view>

#include "assembler/outline.h"

namespace foreword::oracle {

/// Replaces the outline's segments, and fills in the level hashes and the facts about caching. Does
/// nothing where the body is no JSON.
void describe_segments(assembler::Outline& outline, std::string_view body);

}  // namespace foreword::oracle
