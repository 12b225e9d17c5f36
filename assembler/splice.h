// Applies edits to a body without copying either: the result is a list of byte ranges.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "assembler/plan.h"

namespace foreword::assembler {

/// The pieces, in order, whose concatenation is the edited body. They point into the body and into
/// what the edits insert; neither may move or die before the pieces are sent. No piece is empty.
struct SplicedBody {
  std::vector<std::string_view> pieces;
  std::size_t total_bytes = 0;
};

/// REQUIRES: edits sorted by `at`, disjoint, inside the body (what plan() returns).
[[nodiscard]] SplicedBody splice(std::string_view body, std::span<const Edit> edits);

/// The same as one string: for tests, explanations and golden files.
[[nodiscard]] std::string to_string(const SplicedBody& spliced);

}  // namespace foreword::assembler
