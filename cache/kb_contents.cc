#include "cache/kb_contents.h"

#include <map>
#include <set>
#include <span>
#include <utility>

#include "cache/keys.h"

namespace foreword::cache {
namespace {

using config::Error;
using config::Hash128;
using config::Result;

constexpr std::string_view kDocuments = "documents";
constexpr std::string_view kLayers = "layers";

template <class Entry, class Text>
bool matches(std::span<const Entry> entries, std::uint64_t Entry::*bytes,
             const std::vector<Text>& contents) {
  if (entries.size() != contents.size()) return false;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (contents[i].size() != entries[i].*bytes) return false;
    if (config::xxh3_128(contents[i]) != entries[i].hash) return false;
  }
  return true;
}

/// Their hashes, and the bytes of each. Views of the content.
using Blobs = std::map<Hash128, std::string_view>;

Result<void> write_document(Store& store, const Hash128& hash, std::string_view text) {
  const Write write{Family::documents, config::to_bytes(hash), std::string(text)};
  return store.write({&write, 1}, Durability::buffered);
}

Result<void> write_layer(Store& store, const Hash128& hash, std::string_view escaped) {
  const auto key = config::to_bytes(hash);
  // Pieces of one that was damaged would be read with it.
  const Write clear{Family::layers, key, std::nullopt, layer_end(key)};
  if (auto cleared = store.write({&clear, 1}, Durability::buffered); !cleared) return cleared;
  for (std::uint32_t piece = 0; piece == 0 || !escaped.empty(); ++piece) {
    const auto part = escaped.substr(0, kLayerPieceBytes);
    const Write write{Family::layers, layer_key(key, piece), std::string(part)};
    if (auto written = store.write({&write, 1}, Durability::buffered); !written) return written;
    escaped.remove_prefix(part.size());
  }
  return {};
}

/// Piece by piece: a second copy of a large layer would be one too many.
bool has_layer(const Store& store, const Hash128& hash, std::string_view escaped) {
  const auto key = config::to_bytes(hash);
  for (std::uint32_t piece = 0;; ++piece) {
    const auto part = escaped.substr(0, kLayerPieceBytes);
    const auto stored = store.get(Family::layers, layer_key(key, piece));
    if (!stored) return false;
    if (piece > 0 && part.empty()) return !*stored;
    if (*stored != part) return false;
    escaped.remove_prefix(part.size());
  }
}

/// What is missing or damaged of the version's documents.
Blobs lacking_documents(const Store& store, const KbVersion& version, const KbContent& content) {
  Blobs lacking;
  std::set<Hash128> known;
  for (std::size_t i = 0; i < version.documents.size(); ++i) {
    const auto& hash = version.documents[i].hash;
    if (!known.insert(hash).second || get_document(store, hash)) continue;
    lacking.emplace(hash, content.document_texts[i]);
  }
  return lacking;
}

Blobs lacking_layers(const Store& store, const KbVersion& version, const KbContent& content) {
  Blobs lacking;
  for (std::size_t i = 0; i < version.layers.size(); ++i) {
    const auto& hash = version.layers[i].hash;
    if (has_layer(store, hash, content.escaped_layers[i])) continue;
    lacking.emplace(hash, content.escaped_layers[i]);
  }
  return lacking;
}

/// Survives a power cut, since what is written next may.
Result<void> announce(Store& store, const Blobs& documents, const Blobs& layers) {
  References written;
  for (const auto& [hash, text] : documents) written.documents.insert(hash);
  for (const auto& [hash, bytes] : layers) written.layers.insert(hash);
  const std::vector<Write> batch = {
      {Family::unfinished, std::string(kDocuments), to_row(written.documents)},
      {Family::unfinished, std::string(kLayers), to_row(written.layers)}};
  return store.write(batch, Durability::synced);
}

}  // namespace

Result<void> check_contents(const KbVersion& version, const KbContent& content) {
  if (matches(std::span(version.documents), &StoredDocument::bytes, content.document_texts) &&
      matches(std::span(version.layers), &StoredLayer::escaped_bytes, content.escaped_layers)) {
    return {};
  }
  return Error{
      "the knowledge base was not stored: its bytes do not match their hashes; load it again"};
}

Result<void> write_contents(Store& store, const KbVersion& version, const KbContent& content) {
  const auto documents = lacking_documents(store, version, content);
  const auto layers = lacking_layers(store, version, content);
  if (documents.empty() && layers.empty()) return {};
  if (auto announced = announce(store, documents, layers); !announced) return announced;
  for (const auto& [hash, text] : documents) {
    if (auto written = write_document(store, hash, text); !written) return written;
  }
  for (const auto& [hash, bytes] : layers) {
    if (auto written = write_layer(store, hash, bytes); !written) return written;
  }
  return {};
}

void add_finished(std::vector<Write>& batch) {
  batch.push_back({Family::unfinished, std::string(kDocuments), std::nullopt});
  batch.push_back({Family::unfinished, std::string(kLayers), std::nullopt});
}

Result<References> read_unfinished(const Store& store) {
  References found;
  for (const auto& [key, hashes] :
       {std::pair(kDocuments, &found.documents), std::pair(kLayers, &found.layers)}) {
    const auto row = store.get(Family::unfinished, key);
    if (!row) return row.error();
    if (*row && !read_row(**row, *hashes)) {
      return Error{"what is written of an unfinished publish is damaged; restore the store"};
    }
  }
  return found;
}

Result<void> scan_layers(const Store& store,
                         const std::function<void(std::string_view, std::string_view)>& visit) {
  std::string hash;
  std::string bytes;
  const auto take = [&](std::string_view key, std::string_view piece) {
    const auto of = key.substr(0, kHashBytes);
    if (of != hash) {
      if (!hash.empty()) visit(hash, bytes);
      hash = of;
      bytes.clear();
    }
    bytes += piece;
    return true;
  };
  if (auto scanned = store.scan(Family::layers, {}, {}, take); !scanned) return scanned;
  if (!hash.empty()) visit(hash, bytes);
  return {};
}

}  // namespace foreword::cache
