// A new version of a knowledge base, laid out and rendered, that nobody has been shown yet: what a
// publish is about to do, and what `kb diff` looks at.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "assembler/document_changes.h"
#include "assembler/layout.h"
#include "cache/knowledge.h"
#include "config/result.h"
#include "proxy/attached_kbs.h"

namespace foreword::proxy {

/// A document as the loader read it, not yet normalised.
struct RawDocument {
  std::string path;
  std::string text;
  /// In place of the text: the hash of one that the store has (proxy/stored_texts.h).
  std::optional<config::Hash128> stored = std::nullopt;
};

struct KbDraft {
  /// Paths of documents that came by a hash whose text the store lacks. Then nothing else is set.
  std::vector<std::string> missing_texts;
  cache::KbVersion version;
  /// Hold the texts that `content` views.
  assembler::Snapshot documents;
  cache::KbContent content;
  /// false: the same documents are already published, laid out as they are.
  bool changed = false;
  /// Against the version before; without one, all documents are added.
  assembler::DocumentChanges changes;
  std::vector<cache::StoredLayer> layers_before;
  /// So many layers in front have the bytes that they had: caches need not write them.
  std::size_t kept_layers = 0;
  /// What the update would have re-written with all documents in the order of their paths.
  std::uint64_t path_order_bytes = 0;

  /// Of the version's text_bytes(), what caches have to write.
  [[nodiscard]] std::uint64_t rewritten_bytes() const;
};

/// What is published already.
[[nodiscard]] KbDraft unchanged_kb(const LoadedKb& before);
/// A version that was published before and is to be again, behind `before`. Of its documents
/// nothing is said.
[[nodiscard]] KbDraft known_kb(const LoadedKb* before, const cache::KbVersion& version);

/// `before` is what is published under the name, or nullptr; its texts are read from the store. An
/// Error names the document that cannot be taken.
[[nodiscard]] config::Result<KbDraft> draft_kb(const cache::Store& store, std::string_view name,
                                               const LoadedKb* before,
                                               std::vector<RawDocument> documents,
                                               config::TimePoint now,
                                               const assembler::LayoutPolicy& policy);

}  // namespace foreword::proxy
