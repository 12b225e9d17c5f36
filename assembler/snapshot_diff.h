// What became of each document between two states of a knowledge base.
//
// Not part of the folder's contract: for layer.cc and document_changes.cc.
#pragma once

#include <vector>

#include "assembler/amendment.h"
#include "assembler/layer.h"

namespace foreword::assembler {

struct DocumentChange {
  /// Null: it is new.
  const Document* before = nullptr;
  /// Null: it was removed.
  const Document* after = nullptr;
  /// Where both are there. Empty: it only moved.
  Amendment amendment;

  /// Of removed documents the old one.
  [[nodiscard]] const std::string& path() const { return after ? after->path : before->path; }
  [[nodiscard]] bool moved() const { return before && after && before->path != after->path; }
  /// Saying it whole is not much longer than saying what changed.
  [[nodiscard]] bool say_whole() const;
};

/// In the order of the paths; of removed documents that of the old path. A document is recognised
/// under another path by its text, or by its file name where at least half of the text is the same.
/// Views into both snapshots.
[[nodiscard]] std::vector<DocumentChange> diff(const Snapshot& before, const Snapshot& after);

}  // namespace foreword::assembler
