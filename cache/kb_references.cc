#include "cache/kb_references.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "cache/keys.h"

namespace foreword::cache {

using config::Hash128;

std::string to_row(const std::set<Hash128>& hashes) {
  std::string row;
  row.reserve(hashes.size() * kHashBytes);
  for (const auto& hash : hashes) row += config::to_bytes(hash);
  return row;
}

bool read_row(std::string_view row, std::set<Hash128>& hashes) {
  if (row.size() % kHashBytes != 0) return false;
  for (; !row.empty(); row.remove_prefix(kHashBytes)) {
    hashes.insert(*config::from_bytes(row.substr(0, kHashBytes)));
  }
  return true;
}

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
    const auto key = config::to_bytes(hash);
    batch.push_back({Family::layers, key, std::nullopt, layer_end(key)});
    batch.push_back({Family::token_counts, key, std::nullopt, layer_end(key)});
  }
}

}  // namespace foreword::cache
