// A prompt as a provider's cache sees it: the positions at which a prefix of it can end, which of
// them are worth a breakpoint, and which have one when it is sent. Pure.
//
// Positions are those of config/outlook.h, over the client's segments with the layers of a
// knowledge base where they will stand.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "assembler/outline.h"
#include "assembler/plan.h"
#include "config/cache_terms.h"
#include "config/outlook.h"

namespace foreword::assembler {

/// A layer of a knowledge base.
struct PathLayer {
  config::Hash128 hash;  // of its bytes
  std::uint32_t tokens = 0;
  std::size_t mark_rank = 0;  // as KnowledgeLayer's
};

struct PromptPath {
  std::vector<config::PromptPrefix> prefixes;
  /// Segments in front of the layers, and the number of these.
  std::uint32_t before = 0;
  std::uint32_t layers = 0;

  [[nodiscard]] std::uint32_t position_of(std::size_t segment) const;
  /// The segment that ends there; nothing: a layer does.
  [[nodiscard]] std::optional<std::uint32_t> segment_at(std::uint32_t position) const;
  [[nodiscard]] std::uint32_t knowledge_end() const { return layers == 0 ? 0 : before + layers; }
};

/// `seed`: what the body does not tell of what caches are not shared across. Tokens are estimated
/// from bytes; a picture counts as much as providers charge for a large one at most.
[[nodiscard]] PromptPath prompt_path(const Outline& outline, std::span<const PathLayer> layers,
                                     const config::Hash128& seed, double bytes_per_token);

/// What PlanRequest takes of it.
struct WantedMarks {
  std::vector<WantedMark> marks;
  std::size_t most_knowledge_marks = 0;
  bool knowledge_long = false;
  /// The end of the prompt is not worth what the provider would charge for writing it.
  bool only_marked = false;
};

/// The breakpoints that will probably save most, beside the client's own. A knowledge base has one
/// at its end in any case: it was loaded to be cached.
[[nodiscard]] WantedMarks wanted_marks(const PromptPath& path, const Outline& outline,
                                       const config::Outlook& outlook,
                                       const config::CacheTerms& terms);

/// All breakpoints that the planned request carries, the client's own too; ascending, no position
/// twice. `layers` as in prompt_path(), which have to be in the plan.
[[nodiscard]] std::vector<config::Mark> marks_sent(const PromptPath& path, const Outline& outline,
                                                   std::span<const PathLayer> layers,
                                                   const Plan& plan);

}  // namespace foreword::assembler
