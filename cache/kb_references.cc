#include "cache/kb_references.h"

#include <algorithm>
#include <iterator>
#include <optional>

namespace foreword::cache {

void References::add(const KbVersion& version) {
  for (const auto* list : {&version.documents, &version.layout.base, &version.layout.middle}) {
    for (const auto& document : *list) documents.insert(document.hash);
  }
  for (const auto& layer : version.layers) layers.insert(layer.hash);
}

void References::add(const References& others) {
  documents.insert(others.documents.begin(), others.documents.end());
  layers.insert(others.layers.begin(), others.layers.end());
}

References References::without(const References& others) const {
  References left;
  std::ranges::set_difference(documents, others.documents,
                              std::inserter(left.documents, left.documents.end()));
  std::ranges::set_difference(layers, others.layers, std::inserter(left.layers, left.layers.end()));
  return left;
}

References references_of(const KbVersion& version) {
  References references;
  references.add(version);
  return references;
}

void add_deletions(const References& unneeded, std::vector<Write>& batch) {
  for (const auto& hash : unneeded.documents) {
    batch.push_back({Family::documents, config::to_bytes(hash), std::nullopt});
  }
  for (const auto& hash : unneeded.layers) {
    batch.push_back({Family::layers, config::to_bytes(hash), std::nullopt});
  }
}

}  // namespace foreword::cache
