// Does the store hold what its knowledge bases are made of, all of it and nothing else?
#pragma once

#include <cstddef>
#include <vector>

#include "cache/store.h"
#include "config/hash128.h"
#include "config/result.h"

namespace foreword::cache {

struct KnowledgeCheck {
  /// What a kept version refers to and the store does not have, or not with that content.
  std::vector<config::Hash128> missing_documents;
  std::vector<config::Hash128> missing_layers;
  /// What the store has and no kept version refers to.
  std::vector<config::Hash128> orphaned_documents;
  std::vector<config::Hash128> orphaned_layers;

  [[nodiscard]] bool is_whole() const {
    return missing_documents.empty() && missing_layers.empty();
  }
  [[nodiscard]] std::size_t orphans() const {
    return orphaned_documents.size() + orphaned_layers.size();
  }
};

/// Reads every kept version, every document and every layer: takes as long as that. Trusts nothing
/// that is derived. An Error if a version cannot be read.
[[nodiscard]] config::Result<KnowledgeCheck> check_knowledge(Store& store);

/// Deletes the orphans that check_knowledge() finds, and says how many there were. A publish is one
/// atomic write, so there should be none; if a disk or a program ever leaves some, they go here.
[[nodiscard]] config::Result<std::size_t> sweep_orphans(Store& store);

}  // namespace foreword::cache
