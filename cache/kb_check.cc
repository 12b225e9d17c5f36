#include "cache/kb_check.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <string_view>

#include "cache/kb_chain.h"
#include "cache/kb_references.h"
#include "cache/keys.h"
#include "cache/knowledge.h"

namespace foreword::cache {
namespace {

using config::Error;
using config::Hash128;
using config::Result;

/// Of the current versions and of all that are kept.
Result<References> all_references(const Store& store) {
  References all;
  const auto versions = list_kbs(store);
  if (!versions) return versions.error();
  for (const auto& version : *versions) all.add(version);
  std::optional<Error> failed;
  const auto visit = [&](std::string_view key, std::string_view value) {
    const auto kept = parse_kept_key(key);
    const auto version = read_version(kept ? kept->name : key, value);
    if (!version) {
      failed = version.error();
      return false;
    }
    all.add(*version);
    return true;
  };
  const auto scanned = store.scan(Family::old_versions, {}, {}, visit);
  if (!scanned) return scanned.error();
  if (failed) return *failed;
  return all;
}

struct Found {
  std::set<Hash128> whole;
  std::set<Hash128> any;
};

Result<Found> contents(const Store& store, Family family) {
  Found found;
  const auto visit = [&](std::string_view key, std::string_view value) {
    const auto hash = config::from_bytes(key);
    if (!hash) return true;
    found.any.insert(*hash);
    if (config::xxh3_128(value) == *hash) found.whole.insert(*hash);
    return true;
  };
  if (const auto scanned = store.scan(family, {}, {}, visit); !scanned) return scanned.error();
  return found;
}

std::vector<Hash128> difference(const std::set<Hash128>& from, const std::set<Hash128>& what) {
  std::vector<Hash128> left;
  std::ranges::set_difference(from, what, std::back_inserter(left));
  return left;
}

/// REQUIRES: the store's one_change_at_a_time() is held.
Result<KnowledgeCheck> check(const Store& store) {
  const auto needed = all_references(store);
  if (!needed) return needed.error();
  const auto documents = contents(store, Family::documents);
  if (!documents) return documents.error();
  const auto layers = contents(store, Family::layers);
  if (!layers) return layers.error();
  KnowledgeCheck found;
  found.missing_documents = difference(needed->documents, documents->whole);
  found.missing_layers = difference(needed->layers, layers->whole);
  found.orphaned_documents = difference(documents->any, needed->documents);
  found.orphaned_layers = difference(layers->any, needed->layers);
  return found;
}

}  // namespace

Result<KnowledgeCheck> check_knowledge(Store& store) {
  const auto lock = store.one_change_at_a_time();
  return check(store);
}

Result<std::size_t> sweep_orphans(Store& store) {
  const auto lock = store.one_change_at_a_time();
  const auto found = check(store);
  if (!found) return found.error();
  if (found->orphans() == 0) return std::size_t{0};
  References unneeded;
  unneeded.documents.insert(found->orphaned_documents.begin(), found->orphaned_documents.end());
  unneeded.layers.insert(found->orphaned_layers.begin(), found->orphaned_layers.end());
  std::vector<Write> batch;
  add_deletions(unneeded, batch);
  if (auto written = store.write(batch, Durability::synced); !written) return written.error();
  return found->orphans();
}

}  // namespace foreword::cache
