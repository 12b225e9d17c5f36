// The knowledge bases: published to the store, and shown to requests.
//
// Thread-safe. A request keeps the version it began with; a publish replaces it for later ones.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "assembler/layout.h"
#include "cache/knowledge.h"
#include "config/result.h"
#include "proxy/kb_directory.h"
#include "proxy/kb_draft.h"

namespace foreword::proxy {

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

  /// What publish() would store and show. Nothing is; the store is read.
  [[nodiscard]] config::Result<KbDraft> draft(std::string_view name,
                                              std::vector<RawDocument> documents,
                                              config::TimePoint now,
                                              const assembler::LayoutPolicy& policy) const;

  /// Asked before anything is stored; its Error is publish()'s.
  using DraftCheck = std::function<config::Result<void>(const KbDraft& draft)>;

  /// Normalises, lays out behind the version before, renders, asks `check`, stores and only then
  /// shows a new version: all of it or nothing. An Error names the document that cannot be taken.
  /// What it returns has no content: that is shown.
  [[nodiscard]] config::Result<KbDraft> publish(std::string_view name,
                                                std::vector<RawDocument> documents,
                                                config::TimePoint now,
                                                const assembler::LayoutPolicy& policy,
                                                const DraftCheck& check = {});
  [[nodiscard]] config::Result<bool> remove(std::string_view name);

 private:
  explicit KnowledgeBases(cache::Store& store) : store_(store) {}

  cache::Store& store_;
  std::mutex publishing_;  // one writer at a time; readers never wait
  KbDirectory directory_;
};

}  // namespace foreword::proxy
