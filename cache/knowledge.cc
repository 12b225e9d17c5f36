#include "cache/knowledge.h"

#include <set>
#include <utility>

#include "cache/kb_chain.h"
#include "cache/kb_check.h"
#include "cache/kb_contents.h"
#include "cache/keys.h"

namespace foreword::cache {
namespace {

using config::Error;
using config::Hash128;
using config::Result;

/// `bytes`, if they are what is under that hash.
Result<std::string> checked(std::optional<std::string> bytes, std::string_view kind,
                            const Hash128& hash) {
  const auto failure = [&](std::string_view what) {
    return Error{"the " + std::string(kind) + " " + config::to_hex(hash) + std::string(what) +
                 "; load its knowledge base again with `foreword kb load`"};
  };
  if (!bytes) return failure(" is not in the store");
  if (config::xxh3_128(*bytes) != hash) return failure(" is damaged in the store");
  // By its side: an Error can be made from a string too.
  return {boost::system::in_place_value, std::move(*bytes)};
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
  if (auto right = check_contents(version, content); !right) return right;
  const auto lock = store.one_change_at_a_time();
  if (auto complete = check_layout(store, version); !complete) return complete.error();
  const auto chain = read_chain(store, version.name);
  if (!chain) return chain.error();
  if (auto swept = sweep_unfinished(store, lock); !swept) return swept.error();
  if (auto written = write_contents(store, version, content); !written) {
    // As far as the disk lets us: what remains goes before the next publish.
    static_cast<void>(sweep_unfinished(store, lock));
    return written;
  }
  auto next = version;
  std::vector<Write> batch;
  add_next(*chain, next, kept, batch);
  add_finished(batch);
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
  const auto key = config::to_bytes(hash);
  auto piece = store.get(Family::layers, key);
  if (!piece) return piece.error();
  auto bytes = std::move(*piece);
  for (std::uint32_t number = 1; bytes && bytes->size() == number * kLayerPieceBytes; ++number) {
    piece = store.get(Family::layers, layer_key(key, number));
    if (!piece) return piece.error();
    if (!*piece) break;
    *bytes += **piece;
  }
  return checked(std::move(bytes), "layer", hash);
}

Result<std::string> get_document(const Store& store, const Hash128& hash) {
  auto text = store.get(Family::documents, config::to_bytes(hash));
  if (!text) return text.error();
  return checked(std::move(*text), "document", hash);
}

}  // namespace foreword::cache
