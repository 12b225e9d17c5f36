// Knowledge bases at rest: versions, their documents, and the layers as they are sent.
//
// Plain values; sizes are bytes. Thread-safe: changes happen one after another. A version that was
// read may be replaced before its layers are: get_layer() then fails, and the version is read
// again. Names are not looked at: config::is_kb_name() is the caller's. Failures are Errors, never
// crashes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cache/store.h"
#include "config/hash128.h"
#include "config/limits.h"
#include "config/models.h"
#include "config/result.h"

namespace foreword::cache {

/// A document as stored: its normalised text is kept once per content, under its hash.
struct StoredDocument {
  std::string path;
  config::Hash128 hash;
  std::uint64_t bytes = 0;
  bool operator==(const StoredDocument&) const = default;
};

struct StoredLayer {
  config::Hash128 hash;  // of the escaped bytes
  std::uint64_t escaped_bytes = 0;
  std::uint64_t text_bytes = 0;
  std::uint32_t documents = 0;
  bool operator==(const StoredLayer&) const = default;
};

/// How a version came to be laid out, for the next one (assembler/layout.h). Documents by path.
struct StoredLayout {
  /// What a model knows after the first and after the second layer.
  std::vector<StoredDocument> base;
  std::vector<StoredDocument> middle;
  std::vector<std::string> order;
  std::map<std::string, double> heat;
  double last_layer_cost = 0;
  double base_cost = 0;
  bool operator==(const StoredLayout&) const = default;
};

/// A published state of a knowledge base; immutable.
struct KbVersion {
  std::string name;
  config::Hash128 content_id;
  config::TimePoint published;
  std::vector<StoredDocument> documents;  // in the order of their index
  std::vector<StoredLayer> layers;
  /// Versions of a program before layouts have all documents in both parts of it.
  StoredLayout layout;
  /// Counts the versions of its name, from 1; put_kb() sets it. 0: published before there was a
  /// history.
  std::uint64_t sequence = 0;
  /// Of all layers, before escaping.
  [[nodiscard]] std::uint64_t text_bytes() const;
};

/// What a publish hands over beside the version: the bytes behind its hashes, in the same order.
struct KbContent {
  std::vector<std::string_view> document_texts;  // the caller's
  std::vector<std::string> escaped_layers;
};

/// Makes `version` the current one of its name, and the one that was current a part of its history,
/// which keeps the latest `kept` versions, the current one among them. The content that the store
/// lacks is written first, a piece at a time; then one atomic, synced write makes it all a version.
/// What no kept version of any name refers to any longer is deleted with it. An Error if the
/// content does not have the hashes and sizes that the version says, or if a document of its layout
/// that is not among its own is not stored; no version has changed then. Putting a version again
/// repairs it. REQUIRES: kept > 0.
[[nodiscard]] config::Result<void> put_kb(Store& store, const KbVersion& version,
                                          const KbContent& content,
                                          std::size_t kept = config::limits::kKbVersionsKept);
/// With all its history. false: there was none of that name.
[[nodiscard]] config::Result<bool> remove_kb(Store& store, std::string_view name);

[[nodiscard]] config::Result<std::optional<KbVersion>> get_kb(const Store& store,
                                                              std::string_view name);
/// By name.
[[nodiscard]] config::Result<std::vector<KbVersion>> list_kbs(const Store& store);

/// The escaped bytes of a layer. An Error if they are missing or do not have the hash they are
/// under.
[[nodiscard]] config::Result<std::string> get_layer(const Store& store,
                                                    const config::Hash128& hash);
[[nodiscard]] config::Result<std::string> get_document(const Store& store,
                                                       const config::Hash128& hash);

}  // namespace foreword::cache
