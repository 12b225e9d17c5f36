// The knowledge bases: published to the store, and shown to requests.
//
// Thread-safe. A request keeps the version it began with; a publish replaces it for later ones.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "assembler/layout.h"
#include "cache/kb_history.h"
#include "cache/knowledge.h"
#include "config/limits.h"
#include "config/result.h"
#include "proxy/kb_directory.h"
#include "proxy/kb_draft.h"

namespace foreword::proxy {

/// Called when a new version is stored and no request sees it yet; may take its time, and other
/// publishes wait for it.
using BeforeShown = std::function<void(const std::shared_ptr<const LoadedKb>&)>;

class KnowledgeBases {
 public:
  /// Loads every current version from the store, which has to outlive this, and so has the table.
  /// Of each knowledge base, a publish keeps the latest `versions_kept`.
  [[nodiscard]] static config::Result<std::unique_ptr<KnowledgeBases>> open(
      cache::Store& store, std::size_t versions_kept = config::limits::kKbVersionsKept,
      const config::ModelTable& models = config::ModelTable::built_in());

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
                                                const DraftCheck& check = {},
                                                const BeforeShown& before_shown = {});
  /// Publishes once more a version of `history()`: the one whose id begins with `version`, or the
  /// one before the current one. Its bytes are exactly what they were, and later updates are laid
  /// out behind it. An Error says why there is no such version.
  [[nodiscard]] config::Result<KbDraft> roll_back(std::string_view name,
                                                  const std::optional<std::string>& version,
                                                  config::TimePoint now,
                                                  const BeforeShown& before_shown = {});
  /// The current version first; empty: there is none of that name.
  [[nodiscard]] config::Result<std::vector<cache::KbHistoryEntry>> history(
      std::string_view name) const {
    return cache::kb_history(store_, name);
  }
  [[nodiscard]] config::Result<bool> remove(std::string_view name);

 private:
  KnowledgeBases(cache::Store& store, std::size_t versions_kept, const config::ModelTable& models)
      : store_(store), versions_kept_(versions_kept), models_(models) {}

  [[nodiscard]] std::shared_ptr<const LoadedKb> make_loaded(cache::KbVersion version,
                                                            std::vector<std::string> layers,
                                                            const cache::TokenRatios& ratios) const;
  [[nodiscard]] std::shared_ptr<const LoadedKb> make_loaded(cache::KbVersion version,
                                                            std::vector<std::string> layers) const;

  cache::Store& store_;
  const std::size_t versions_kept_;
  const config::ModelTable& models_;
  std::mutex publishing_;  // one writer at a time; readers never wait
  KbDirectory directory_;
};

}  // namespace foreword::proxy
