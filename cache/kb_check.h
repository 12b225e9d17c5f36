// Does the store hold what its knowledge bases are made of, all of it and nothing else?
#pragma once

#include <cstddef>
#include <mutex>
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

/// Deletes what a publish left that ended before it was whole: killed, or out of disk. How many
/// documents and layers it had begun with. Costs nothing where there was none.
[[nodiscard]] config::Result<std::size_t> sweep_unfinished(Store& store);
/// With the store's one_change_at_a_time().
[[nodiscard]] config::Result<std::size_t> sweep_unfinished(
    Store& store, const std::unique_lock<std::mutex>& changing);

}  // namespace foreword::cache
