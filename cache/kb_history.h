// The versions of a knowledge base that were published before, and the way back to them.
//
// Plain values. Thread-safe: changes happen one after another. Failures are Errors, never crashes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "cache/knowledge.h"
#include "cache/store.h"
#include "config/hash128.h"
#include "config/models.h"
#include "config/result.h"

namespace foreword::cache {

/// One kept version, without its documents.
struct KbHistoryEntry {
  std::uint64_t sequence = 0;
  config::Hash128 content_id;
  config::TimePoint published;
  std::uint64_t documents = 0;
  std::uint64_t text_bytes = 0;
  std::uint32_t layers = 0;
  /// Documents, by path, against the version before it. All of the first one's are added.
  std::uint64_t added = 0;
  std::uint64_t changed = 0;
  std::uint64_t removed = 0;
  bool operator==(const KbHistoryEntry&) const = default;
};

/// Of one knowledge base, the current version first. Empty: there is none of that name.
[[nodiscard]] config::Result<std::vector<KbHistoryEntry>> kb_history(const Store& store,
                                                                     std::string_view name);

/// A kept version, the current one or one before. Nothing: it is not kept.
[[nodiscard]] config::Result<std::optional<KbVersion>> get_kept_kb(const Store& store,
                                                                   std::string_view name,
                                                                   std::uint64_t sequence);

/// Publishes the kept version `sequence` once more, as the newest: the same documents, layers and
/// layout, so that the next one is laid out behind it. One atomic, synced write. An Error if it is
/// not kept. REQUIRES: kept > 0.
[[nodiscard]] config::Result<KbVersion> roll_back_kb(
    Store& store, std::string_view name, std::uint64_t sequence, config::TimePoint now,
    std::size_t kept = config::limits::kKbVersionsKept);

}  // namespace foreword::cache
