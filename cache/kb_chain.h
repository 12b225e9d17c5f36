// The chain of a name's versions as one change to it: read, decide, write. Private to cache/.
//
// For whoever holds the store's one_change_at_a_time().
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cache/kb_history.h"
#include "cache/kb_references.h"
#include "cache/knowledge.h"
#include "cache/store.h"

namespace foreword::cache {

/// A line of a history as it is stored.
struct StoredHistoryEntry {
  KbHistoryEntry entry;
  References gone;
};
/// The value under which a line is stored, and back; the sequence is in the key.
[[nodiscard]] std::string encode(const StoredHistoryEntry& line);
[[nodiscard]] config::Result<StoredHistoryEntry> decode_history_entry(std::string_view value);

/// What the store has of a name, and what all other names refer to.
struct Chain {
  std::optional<KbVersion> current;
  std::vector<StoredHistoryEntry> lines;  // oldest first; the last one is the current version's
  References others;
};
[[nodiscard]] config::Result<Chain> read_chain(const Store& store, std::string_view name);

/// Adds to the batch what makes `version` the next of its chain, and deletes what nothing needs any
/// longer. Sets its sequence.
void add_next(const Chain& chain, KbVersion& version, std::size_t kept, std::vector<Write>& batch);
/// Adds to the batch what removes the whole chain. REQUIRES: chain.current.
void add_removal(const Chain& chain, std::vector<Write>& batch);

/// The one place that turns a stored value into a version: the key has to agree.
[[nodiscard]] config::Result<KbVersion> read_version(std::string_view name, std::string_view value);

}  // namespace foreword::cache
