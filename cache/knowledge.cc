#include "cache/knowledge.h"

#include <set>
#include <span>
#include <utility>

#include "cache/kb_chain.h"

namespace foreword::cache {
namespace {

using config::Error;
using config::Hash128;
using config::Result;

Result<std::string> get_content(const Store& store, Family family, std::string_view kind,
                                const Hash128& hash) {
  auto value = store.get(family, config::to_bytes(hash));
  if (!value) return value.error();
  const auto failure = [&](std::string_view what) {
    return Error{"the " + std::string(kind) + " " + config::to_hex(hash) + std::string(what) +
                 "; load its knowledge base again with `foreword kb load`"};
  };
  if (!*value) return failure(" is not in the store");
  if (config::xxh3_128(**value) != hash) return failure(" is damaged in the store");
  // By its side: an Error can be made from a string too.
  return {boost::system::in_place_value, std::move(**value)};
}

/// Adds the bytes of `entries` to the batch, each under its hash.
template <class Entry>
Result<void> add_contents(Family family, std::span<const Entry> entries,
                          std::uint64_t Entry::*bytes, std::span<const std::string> contents,
                          std::vector<Write>& batch) {
  const Error mismatch{
      "the knowledge base was not stored: its bytes do not match their hashes; load it again"};
  if (entries.size() != contents.size()) return mismatch;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (contents[i].size() != entries[i].*bytes) return mismatch;
    if (config::xxh3_128(contents[i]) != entries[i].hash) return mismatch;
    batch.push_back({family, config::to_bytes(entries[i].hash), contents[i]});
  }
  return {};
}

/// The documents that only the layout names have to be there already.
Result<void> check_layout(const Store& store, const KbVersion& version) {
  std::set<Hash128> known;
  for (const auto& document : version.documents) known.insert(document.hash);
  for (const auto* part : {&version.layout.base, &version.layout.middle}) {
    for (const auto& document : *part) {
      if (!known.insert(document.hash).second) continue;
      if (auto stored = get_document(store, document.hash); !stored) return stored.error();
    }
  }
  return {};
}

}  // namespace

std::uint64_t KbVersion::text_bytes() const {
  std::uint64_t sum = 0;
  for (const auto& layer : layers) sum += layer.text_bytes;
  return sum;
}

Result<void> put_kb(Store& store, const KbVersion& version, const KbContent& content,
                    std::size_t kept) {
  std::vector<Write> batch;
  if (auto added = add_contents(Family::documents, std::span(version.documents),
                                &StoredDocument::bytes, content.document_texts, batch);
      !added) {
    return added.error();
  }
  if (auto added = add_contents(Family::layers, std::span(version.layers),
                                &StoredLayer::escaped_bytes, content.escaped_layers, batch);
      !added) {
    return added.error();
  }

  const auto lock = store.one_change_at_a_time();
  if (auto complete = check_layout(store, version); !complete) return complete.error();
  const auto chain = read_chain(store, version.name);
  if (!chain) return chain.error();
  auto next = version;
  add_next(*chain, next, kept, batch);
  return store.write(batch, Durability::synced);
}

Result<bool> remove_kb(Store& store, std::string_view name) {
  const auto lock = store.one_change_at_a_time();
  const auto chain = read_chain(store, name);
  if (!chain) return chain.error();
  if (!chain->current) return false;
  std::vector<Write> batch;
  add_removal(*chain, batch);
  if (auto written = store.write(batch, Durability::synced); !written) return written.error();
  return true;
}

Result<std::optional<KbVersion>> get_kb(const Store& store, std::string_view name) {
  const auto value = store.get(Family::versions, name);
  if (!value) return value.error();
  if (!*value) return std::optional<KbVersion>();
  auto version = read_version(name, **value);
  if (!version) return version.error();
  return std::optional<KbVersion>(std::move(*version));
}

Result<std::vector<KbVersion>> list_kbs(const Store& store) {
  std::vector<KbVersion> versions;
  std::optional<Error> failed;
  const auto scanned =
      store.scan(Family::versions, {}, {}, [&](std::string_view name, std::string_view value) {
        auto version = read_version(name, value);
        if (!version) {
          failed = version.error();
          return false;
        }
        versions.push_back(std::move(*version));
        return true;
      });
  if (!scanned) return scanned.error();
  if (failed) return *failed;
  return versions;
}

Result<std::string> get_layer(const Store& store, const Hash128& hash) {
  return get_content(store, Family::layers, "layer", hash);
}

Result<std::string> get_document(const Store& store, const Hash128& hash) {
  return get_content(store, Family::documents, "document", hash);
}

}  // namespace foreword::cache
