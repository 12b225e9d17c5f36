#include "assembler/knowledge.h"

#include <algorithm>

#include "assembler/layer.h"

namespace foreword::assembler {
namespace {

/// In front of the first of several.
constexpr std::string_view kNote =
    "<knowledge_base_note>Several knowledge bases follow. A source names a document of the "
    "knowledge "
    "base that it stands in, and what is superseded or removed in one is so in that one "
    "only.</knowledge_base_note>\n";

}  // namespace

JoinedKnowledge::JoinedKnowledge(std::span<const NamedLayers> bases) {
  std::vector<NamedLayers> told(bases.begin(), bases.end());
  std::erase_if(told, [](const auto& base) { return base.escaped_layers.empty(); });
  std::vector<std::size_t> ends;
  for (const auto& base : told) {
    add(base);
    ends.push_back(layers_.size() - 1);
    if (told.size() > 1) wrap(base, ends.size() == 1);
  }
  rank_marks(ends);
}

void JoinedKnowledge::add(const NamedLayers& base) {
  for (const auto& escaped : base.escaped_layers) layers_.push_back({{}, escaped, {}});
}

/// The base whose layers were added last.
void JoinedKnowledge::wrap(const NamedLayers& base, bool first) {
  auto opening = "<knowledge_base name=\"" + std::string(base.name) + "\">\n";
  if (first) opening.insert(0, kNote);
  layers_[layers_.size() - base.escaped_layers.size()].opening = own(opening);
  layers_.back().closing = own("</knowledge_base>\n");
}

void JoinedKnowledge::rank_marks(const std::vector<std::size_t>& ends) {
  if (layers_.empty()) return;
  std::size_t rank = 0;
  layers_.back().mark_rank = rank++;
  for (std::size_t i = 0; i + 1 < ends.size(); ++i) layers_[ends[i]].mark_rank = rank++;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    if (!std::ranges::binary_search(ends, i)) layers_[i].mark_rank = rank++;
  }
}

std::string_view JoinedKnowledge::own(std::string_view text) {
  tag_bytes_ += text.size();
  return tags_.emplace_back(escape_json(text));
}

}  // namespace foreword::assembler
