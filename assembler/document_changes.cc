#include "assembler/document_changes.h"

#include <algorithm>

#include "assembler/snapshot_diff.h"

namespace foreword::assembler {
namespace {

std::uint64_t text_bytes(const Snapshot& documents) {
  std::uint64_t bytes = 0;
  for (const auto& document : documents) bytes += document->text.size();
  return bytes;
}

}  // namespace

DocumentChanges document_changes(const Snapshot& before, const Snapshot& after) {
  DocumentChanges changes;
  for (const auto& change : diff(before, after)) {
    if (change.before == nullptr) {
      changes.added.push_back(change.after->path);
    } else if (change.after == nullptr) {
      changes.removed.push_back(change.before->path);
    } else if (change.moved()) {
      changes.renamed.push_back({change.before->path, change.after->path});
    } else {
      changes.changed.push_back(change.after->path);
    }
  }
  return changes;
}

std::uint64_t common_front_bytes(const Snapshot& a, const Snapshot& b) {
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
    if (a[i]->path != b[i]->path) return bytes;
    const auto [end, same_end] = std::ranges::mismatch(a[i]->text, b[i]->text);
    bytes += static_cast<std::uint64_t>(end - a[i]->text.begin());
    if (end != a[i]->text.end() || same_end != b[i]->text.end()) return bytes;
  }
  return bytes;
}

std::uint64_t rewritten_in_one_run(const Snapshot& before, const Snapshot& after) {
  const auto text = text_bytes(after);
  if (text == 0) return 0;
  const auto written = text - common_front_bytes(before, after);
  return written * measure_layer({}, after).text_bytes / text;
}

}  // namespace foreword::assembler
