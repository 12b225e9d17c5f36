// What an update does to the documents of a knowledge base, for people; and what it would cost if
// they stood one after the other. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "assembler/layer.h"

namespace foreword::assembler {

/// The same document under another path; its text may have changed too.
struct RenamedDocument {
  std::string from;
  std::string to;
  bool operator==(const RenamedDocument&) const = default;
};

/// Paths, each in order. A document is in at most one of the lists.
struct DocumentChanges {
  std::vector<std::string> added;
  std::vector<std::string> changed;
  std::vector<std::string> removed;
  std::vector<RenamedDocument> renamed;
};

[[nodiscard]] DocumentChanges document_changes(const Snapshot& before, const Snapshot& after);

/// Bytes of text before the first one that is not the same, with all documents as one run of text
/// in the order given.
[[nodiscard]] std::uint64_t common_front_bytes(const Snapshot& before, const Snapshot& after);

/// With all documents as one run of text, in the order given: the bytes of `after` from the first
/// byte on that is not as in `before`, with their share of the wrapping. It is the least that can
/// be written again, since no provider caches to the byte. In the order of the paths (which any
/// Snapshot has) this is what updates cost without layers.
[[nodiscard]] std::uint64_t rewritten_in_one_run(const Snapshot& before, const Snapshot& after);

}  // namespace foreword::assembler
