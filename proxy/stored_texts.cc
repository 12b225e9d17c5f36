#include "proxy/stored_texts.h"

#include <map>
#include <utility>

#include "cache/knowledge.h"

namespace foreword::proxy {

bool is_same(const LoadedKb& kb, const std::vector<RawDocument>& documents) {
  const auto& published = kb.version.documents;
  if (documents.size() != published.size()) return false;
  std::map<std::string_view, const RawDocument*> by_path;
  for (const auto& document : documents) by_path[document.path] = &document;
  for (const auto& document : published) {
    const auto found = by_path.find(document.path);
    if (found == by_path.end() || found->second->stored != document.hash) return false;
  }
  return true;
}

std::vector<std::string> fill_stored_texts(const cache::Store& store,
                                           std::vector<RawDocument>& documents) {
  std::vector<std::string> missing;
  for (auto& document : documents) {
    if (!document.stored) continue;
    auto text = cache::get_document(store, *document.stored);
    if (text) {
      document.text = std::move(*text);
    } else {
      missing.push_back(document.path);
    }
  }
  return missing;
}

}  // namespace foreword::proxy
