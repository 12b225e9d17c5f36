// The knowledge bases in memory, ready to be sent: shared, immutable, never copied per request.
//
// Thread-safe. A request keeps the version it began with; a publish replaces it for later ones.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "assembler/document.h"
#include "assembler/layout.h"
#include "cache/kb_history.h"
#include "cache/knowledge.h"
#include "config/limits.h"
#include "config/result.h"
#include "proxy/published.h"

namespace foreword::proxy {

/// One version, loaded. `views` are the layers' escaped bytes, inside `layers`.
struct LoadedKb {
  cache::KbVersion version;
  std::vector<std::string> layers;
  std::vector<std::string_view> views;
  /// Sent as prompt_cache_key: names the first layer's content, the same on every machine, so that
  /// an update's requests are routed to where that layer is warm.
  std::string cache_key;
};

/// A document as the loader read it, not yet normalised.
struct RawDocument {
  std::string path;
  std::string text;
};

struct PublishReport {
  cache::KbVersion version;
  bool changed = false;  // false: the same documents were already published
  /// Of the version's text_bytes(), what no earlier layer has in common with the version before:
  /// what caches have to write again.
  std::uint64_t rewritten_bytes = 0;
};

/// Called when a new version is stored and no request sees it yet; may take its time, and other
/// publishes wait for it.
using BeforeShown = std::function<void(const std::shared_ptr<const LoadedKb>&)>;

class KnowledgeBases {
 public:
  /// Loads every current version from the store, which has to outlive this. Of each knowledge base,
  /// a publish keeps the latest `versions_kept`.
  [[nodiscard]] static config::Result<std::unique_ptr<KnowledgeBases>> open(
      cache::Store& store, std::size_t versions_kept = config::limits::kKbVersionsKept);

  /// nullptr: there is none of that name.
  [[nodiscard]] std::shared_ptr<const LoadedKb> find(std::string_view name) const;
  /// By name.
  [[nodiscard]] std::vector<std::shared_ptr<const LoadedKb>> list() const;

  /// Normalises, lays out behind the version before, renders, stores and only then shows a new
  /// version: all of it or nothing. An Error names the document that cannot be taken.
  [[nodiscard]] config::Result<PublishReport> publish(std::string_view name,
                                                      std::vector<RawDocument> documents,
                                                      config::TimePoint now,
                                                      const assembler::LayoutPolicy& policy,
                                                      const BeforeShown& before_shown = nullptr);
  /// Publishes once more a version of `history()`: the one whose id begins with `version`, or the
  /// one before the current one. Its bytes are exactly what they were, and later updates are laid
  /// out behind it. An Error says why there is no such version.
  [[nodiscard]] config::Result<PublishReport> roll_back(std::string_view name,
                                                        const std::optional<std::string>& version,
                                                        config::TimePoint now,
                                                        const BeforeShown& before_shown = nullptr);
  /// The current version first; empty: there is none of that name.
  [[nodiscard]] config::Result<std::vector<cache::KbHistoryEntry>> history(
      std::string_view name) const {
    return cache::kb_history(store_, name);
  }
  [[nodiscard]] config::Result<bool> remove(std::string_view name);

 private:
  using Map = std::map<std::string, std::shared_ptr<const LoadedKb>, std::less<>>;
  KnowledgeBases(cache::Store& store, std::size_t versions_kept)
      : store_(store), versions_kept_(versions_kept) {}
  [[nodiscard]] assembler::Layout lay_out(std::string_view name, assembler::Snapshot documents,
                                          config::TimePoint now,
                                          const assembler::LayoutPolicy& policy) const;
  void show(std::string_view name, std::shared_ptr<const LoadedKb> kb);

  cache::Store& store_;
  const std::size_t versions_kept_;
  std::mutex publishing_;  // one writer at a time; readers never wait
  Published<const Map> current_{std::make_shared<const Map>()};
};

}  // namespace foreword::proxy
