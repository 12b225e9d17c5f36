#include "cache/kb_check.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <string_view>

#include "cache/kb_chain.h"
#include "cache/kb_contents.h"
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

void note(std::string_view key, std::string_view bytes, Found& found) {
  const auto hash = config::from_bytes(key);
  if (!hash) return;
  found.any.insert(*hash);
  if (config::xxh3_128(bytes) == *hash) found.whole.insert(*hash);
}

Result<Found> all_documents(const Store& store) {
  Found found;
  const auto visit = [&](std::string_view key, std::string_view value) {
    note(key, value, found);
    return true;
  };
  if (const auto done = store.scan(Family::documents, {}, {}, visit); !done) return done.error();
  return found;
}

Result<Found> all_layers(const Store& store) {
  Found found;
  const auto visit = [&](std::string_view hash, std::string_view bytes) {
    note(hash, bytes, found);
  };
  if (const auto done = scan_layers(store, visit); !done) return done.error();
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
  const auto documents = all_documents(store);
  if (!documents) return documents.error();
  const auto layers = all_layers(store);
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

Result<std::size_t> sweep_unfinished(Store& store, const std::unique_lock<std::mutex>&) {
  const auto announced = read_unfinished(store);
  if (!announced) return announced.error();
  if (announced->documents.empty() && announced->layers.empty()) return std::size_t{0};
  const auto needed = all_references(store);
  if (!needed) return needed.error();
  const auto left = announced->without(*needed);
  std::vector<Write> batch;
  add_deletions(left, batch);
  add_finished(batch);
  if (auto written = store.write(batch, Durability::synced); !written) return written.error();
  return left.documents.size() + left.layers.size();
}

Result<std::size_t> sweep_unfinished(Store& store) {
  return sweep_unfinished(store, store.one_change_at_a_time());
}

}  // namespace foreword::cache
