#include "assembler/snapshot_diff.h"

#include <algorithm>
#include <map>
#include <string_view>

namespace foreword::assembler {
namespace {

std::string_view file_name(const Document& document) {
  const std::string_view path = document.path;
  return path.substr(path.rfind('/') + 1);  // npos + 1 is 0
}

/// Removed documents, to be found again under another path. Each is given away once.
class Removed {
 public:
  void add(const Document& document) {
    by_text_.emplace(document.text, &document);
    by_name_.emplace(file_name(document), &document);
  }

  const Document* take_same_text(const Document& document) {
    return take(by_text_, document.text, [](const Document&) { return true; });
  }

  const Document* take_alike(const Document& document) {
    return take(by_name_, file_name(document), [&document](const Document& old) {
      return amend(old.text, document.text).added_bytes * 2 <= document.text.size();
    });
  }

 private:
  using Index = std::multimap<std::string_view, const Document*>;

  template <class Fits>
  const Document* take(Index& index, std::string_view key, Fits&& fits) {
    auto [at, end] = index.equal_range(key);
    for (; at != end; ++at) {
      const auto* document = at->second;
      if (document == nullptr || !fits(*document)) continue;
      drop(by_text_, document->text, document);
      drop(by_name_, file_name(*document), document);
      return document;
    }
    return nullptr;
  }

  static void drop(Index& index, std::string_view key, const Document* document) {
    auto [at, end] = index.equal_range(key);
    for (; at != end; ++at) {
      if (at->second == document) at->second = nullptr;
    }
  }

  Index by_text_;
  Index by_name_;
};

struct Unpaired {
  std::vector<DocumentChange> changed;
  std::vector<const Document*> removed;
  std::vector<const Document*> added;
};

/// By path.
Unpaired pair_by_path(const Snapshot& before, const Snapshot& after) {
  Unpaired result;
  auto old = before.begin();
  for (const auto& document : after) {
    for (; old != before.end() && (*old)->path < document->path; ++old) {
      result.removed.push_back(old->get());
    }
    if (old == before.end() || (*old)->path != document->path) {
      result.added.push_back(document.get());
      continue;
    }
    const auto& same_path = **old++;
    if (same_path.text == document->text) continue;
    result.changed.push_back({&same_path, document.get(), amend(same_path.text, document->text)});
  }
  for (; old != before.end(); ++old) result.removed.push_back(old->get());
  return result;
}

}  // namespace

bool DocumentChange::say_whole() const {
  if (before == nullptr || after == nullptr) return false;
  return amendment.added_bytes * 5 >= after->text.size() * 4;
}

std::vector<DocumentChange> diff(const Snapshot& before, const Snapshot& after) {
  auto pairs = pair_by_path(before, after);
  auto changes = std::move(pairs.changed);
  Removed removed;
  for (const auto* document : pairs.removed) removed.add(*document);
  std::vector<const Document*> found(pairs.added.size());
  for (std::size_t i = 0; i < found.size(); ++i) found[i] = removed.take_same_text(*pairs.added[i]);
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto& document = *pairs.added[i];
    if (found[i] == nullptr) found[i] = removed.take_alike(document);
    DocumentChange change{found[i], &document, {}};
    if (found[i] != nullptr) change.amendment = amend(found[i]->text, document.text);
    changes.push_back(std::move(change));
  }
  for (const auto* document : pairs.removed) {
    if (std::ranges::find(found, document) == found.end()) changes.push_back({document, {}, {}});
  }
  std::ranges::sort(changes, {}, &DocumentChange::path);
  return changes;
}

}  // namespace foreword::assembler
