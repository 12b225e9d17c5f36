// The knowledge bases: published to the store, and shown to requests.
//
// Thread-safe. A request keeps the version it began with; a publish replaces it for later ones.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "assembler/document.h"
#include "assembler/layout.h"
#include "cache/knowledge.h"
#include "config/result.h"
#include "proxy/kb_directory.h"

namespace foreword::proxy {

/// A document as the loader read it, not yet normalised.
struct RawDocument {
  std::string path;
  std::string text;
  /// In place of the text: the hash of one that the store has (proxy/stored_texts.h).
  std::optional<config::Hash128> stored = std::nullopt;
};

struct PublishReport {
  cache::KbVersion version;
  bool changed = false;  // false: the same documents were already published, laid out as they are
  /// Of the version's text_bytes(), what no earlier layer has in common with the version before:
  /// what caches have to write again.
  std::uint64_t rewritten_bytes = 0;
};

class KnowledgeBases {
 public:
  /// Loads every current version from the store, which has to outlive this.
  [[nodiscard]] static config::Result<std::unique_ptr<KnowledgeBases>> open(cache::Store& store);

  /// What is published (kb_directory.h).
  [[nodiscard]] std::shared_ptr<const LoadedKb> find(std::string_view name) const {
    return directory_.find(name);
  }
  [[nodiscard]] std::vector<std::shared_ptr<const LoadedKb>> list() const {
    return directory_.list();
  }
  [[nodiscard]] config::Result<std::shared_ptr<const AttachedKbs>> attach(std::string_view set) {
    return directory_.attach(set);
  }

  /// Normalises, lays out behind the version before, renders, stores and only then shows a new
  /// version: all of it or nothing. An Error names the document that cannot be taken.
  [[nodiscard]] config::Result<PublishReport> publish(std::string_view name,
                                                      std::vector<RawDocument> documents,
                                                      config::TimePoint now,
                                                      const assembler::LayoutPolicy& policy);
  [[nodiscard]] config::Result<bool> remove(std::string_view name);

 private:
  explicit KnowledgeBases(cache::Store& store) : store_(store) {}
  [[nodiscard]] assembler::Layout lay_out(std::string_view name, assembler::Snapshot documents,
                                          config::TimePoint now,
                                          const assembler::LayoutPolicy& policy) const;

  cache::Store& store_;
  std::mutex publishing_;  // one writer at a time; readers never wait
  KbDirectory directory_;
};

}  // namespace foreword::proxy
