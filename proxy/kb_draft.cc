#include "proxy/kb_draft.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "assembler/layer.h"
#include "config/hash128.h"
#include "config/limits.h"
#include "config/load.h"
#include "proxy/stored_texts.h"

namespace foreword::proxy {
namespace {

/// Normalised documents by path, or an Error that names the first one that cannot be taken.
config::Result<std::vector<assembler::Document>> normalise(std::vector<RawDocument> raw) {
  std::vector<assembler::Document> documents;
  documents.reserve(raw.size());
  for (auto& [raw_path, raw_text, stored] : raw) {
    auto path = assembler::normalise_path(raw_path);
    if (!path) return path.error();
    if (raw_text.size() > config::limits::kMaxDocumentBytes) {
      return config::Error{
          fmt::format("document '{}' has {} bytes, more than the {} of one document: "
                      "split it",
                      *path, raw_text.size(), config::limits::kMaxDocumentBytes)};
    }
    // What was stored is normalised.
    if (stored) {
      documents.push_back({std::move(*path), std::move(raw_text)});
      continue;
    }
    auto text = assembler::normalise_text(raw_text);
    if (!text) {
      return config::Error{fmt::format("document '{}': {}", *path, text.error().message)};
    }
    assembler::Document document;
    document.path = std::move(*path);
    document.text = std::move(*text);
    documents.push_back(std::move(document));
    raw_text = std::string();  // two copies of a large base at once are enough
  }
  std::ranges::sort(documents, {}, &assembler::Document::path);
  const auto twin = std::ranges::adjacent_find(documents, {}, &assembler::Document::path);
  if (twin != documents.end()) {
    return config::Error{
        fmt::format("document '{}' is there twice: give each its own path", twin->path)};
  }
  return documents;
}

using assembler::Snapshot;

Snapshot as_snapshot(std::vector<assembler::Document> documents) {
  Snapshot snapshot;
  snapshot.reserve(documents.size());
  for (auto& document : documents) {
    snapshot.push_back(std::make_shared<const assembler::Document>(std::move(document)));
  }
  return snapshot;
}

/// Documents of a stored version, each text read once, and none that is in memory already.
class StoredTexts {
 public:
  StoredTexts(const cache::Store& store, const Snapshot& in_memory) : store_(store) {
    for (const auto& document : in_memory) {
      known_[{document->path, config::xxh3_128(document->text)}] = document;
    }
  }

  config::Result<Snapshot> read(const std::vector<cache::StoredDocument>& documents) {
    Snapshot snapshot;
    snapshot.reserve(documents.size());
    for (const auto& stored : documents) {
      auto& document = known_[{stored.path, stored.hash}];
      if (!document) {
        auto text = cache::get_document(store_, stored.hash);
        if (!text) return text.error();
        assembler::Document read;
        read.path = stored.path;
        read.text = std::move(*text);
        document = std::make_shared<const assembler::Document>(std::move(read));
      }
      snapshot.push_back(document);
    }
    return snapshot;
  }

 private:
  using Key = std::pair<std::string, config::Hash128>;
  const cache::Store& store_;
  std::map<Key, std::shared_ptr<const assembler::Document>> known_;
};

config::Result<assembler::Layout> read_layout(const cache::Store& store,
                                              const cache::KbVersion& version,
                                              const Snapshot& in_memory) {
  StoredTexts texts(store, in_memory);
  auto base = texts.read(version.layout.base);
  if (!base) return base.error();
  auto middle = texts.read(version.layout.middle);
  if (!middle) return middle.error();
  auto current = texts.read(version.documents);
  if (!current) return current.error();
  assembler::Layout layout;
  layout.base = std::move(*base);
  layout.middle = std::move(*middle);
  layout.current = std::move(*current);
  layout.order = version.layout.order;
  layout.heat = version.layout.heat;
  layout.last_layer_cost = version.layout.last_layer_cost;
  layout.base_cost = version.layout.base_cost;
  return layout;
}

std::vector<cache::StoredDocument> as_stored(const Snapshot& snapshot) {
  std::vector<cache::StoredDocument> documents;
  documents.reserve(snapshot.size());
  for (const auto& document : snapshot) {
    cache::StoredDocument stored;
    stored.path = document->path;
    stored.hash = config::xxh3_128(document->text);
    stored.bytes = document->text.size();
    documents.push_back(std::move(stored));
  }
  return documents;
}

KbDraft render(std::string_view name, const assembler::Layout& layout, config::TimePoint now) {
  KbDraft out;
  auto layers = assembler::render(layout);
  out.version.name = name;
  out.version.content_id = assembler::content_id(layers);
  out.version.published = now;
  out.version.documents = as_stored(layout.current);
  out.version.layout.base = as_stored(layout.base);
  out.version.layout.middle = as_stored(layout.middle);
  out.version.layout.order = layout.order;
  out.version.layout.heat = layout.heat;
  out.version.layout.last_layer_cost = layout.last_layer_cost;
  out.version.layout.base_cost = layout.base_cost;
  out.documents = layout.current;
  for (const auto& document : out.documents) {
    out.content.document_texts.emplace_back(document->text);
  }
  for (auto& layer : layers) {
    cache::StoredLayer stored;
    stored.hash = layer.hash;
    stored.escaped_bytes = layer.escaped.size();
    stored.text_bytes = layer.text_bytes;
    stored.documents = static_cast<std::uint32_t>(layer.paths.size());
    out.version.layers.push_back(stored);
    out.content.escaped_layers.push_back(std::move(layer.escaped));
  }
  return out;
}

/// Until the first layer that the version before does not have in the same place.
std::size_t kept_layers(const std::vector<cache::StoredLayer>& before,
                        const std::vector<cache::StoredLayer>& after) {
  const auto same_bytes = [](const auto& a, const auto& b) { return a.hash == b.hash; };
  const auto [end, ignored] = std::ranges::mismatch(after, before, same_bytes);
  return static_cast<std::size_t>(end - after.begin());
}

/// Is any of what its layers tell not current any more?
bool tells_superseded(const cache::KbVersion& version) {
  const auto is_superseded = [&](const cache::StoredDocument& told) {
    const auto found =
        std::ranges::lower_bound(version.documents, told.path, {}, &cache::StoredDocument::path);
    return found == version.documents.end() || *found != told;
  };
  return std::ranges::any_of(version.layout.base, is_superseded) ||
         std::ranges::any_of(version.layout.middle, is_superseded);
}

bool has_layers_of(const cache::KbVersion& version, const assembler::Layout& layout) {
  return version.layout.base == as_stored(layout.base) &&
         version.layout.middle == as_stored(layout.middle) && version.layout.order == layout.order;
}

double days_between(config::TimePoint from, config::TimePoint to) {
  const auto days = std::chrono::duration<double, std::ratio<86'400>>(to - from).count();
  return std::max(days, 0.0);
}

/// Behind the version before, or anew: what is damaged in the store is repaired by loading again.
assembler::Layout lay_out(const std::optional<assembler::Layout>& before, Snapshot documents,
                          double days, const assembler::LayoutPolicy& policy) {
  if (!before) return assembler::first_layout(std::move(documents));
  return assembler::next_layout(*before, std::move(documents), days, policy);
}

std::optional<assembler::Layout> layout_before(const cache::Store& store, const LoadedKb* before,
                                               const Snapshot& in_memory) {
  if (before == nullptr) return std::nullopt;
  auto layout = read_layout(store, before->version, in_memory);
  if (!layout) return std::nullopt;
  return std::move(*layout);
}

}  // namespace

std::uint64_t KbDraft::rewritten_bytes() const {
  std::uint64_t bytes = 0;
  for (std::size_t i = kept_layers; i < version.layers.size(); ++i) {
    bytes += version.layers[i].text_bytes;
  }
  return bytes;
}

KbDraft unchanged_kb(const LoadedKb& before) {
  KbDraft draft;
  draft.version = before.version;
  draft.layers_before = before.version.layers;
  draft.kept_layers = before.version.layers.size();
  return draft;
}

KbDraft known_kb(const LoadedKb* before, const cache::KbVersion& version) {
  KbDraft draft;
  draft.version = version;
  draft.changed = true;
  if (before != nullptr) draft.layers_before = before->version.layers;
  draft.kept_layers = kept_layers(draft.layers_before, version.layers);
  return draft;
}

config::Result<KbDraft> draft_kb(const cache::Store& store, std::string_view name,
                                 const LoadedKb* before, std::vector<RawDocument> documents,
                                 config::TimePoint now, const assembler::LayoutPolicy& policy) {
  if (!config::is_kb_name(name)) {
    return config::Error{
        "a knowledge base's name has letters, digits, '.', '_' and '-', at most 64, and is not "
        "'none'"};
  }
  if (documents.empty()) {
    return config::Error{fmt::format("knowledge base '{}' would have no documents", name)};
  }
  const bool all_stored = before != nullptr && is_same(*before, documents);
  if (all_stored && !tells_superseded(before->version)) return unchanged_kb(*before);
  if (auto missing = fill_stored_texts(store, documents); !missing.empty()) {
    KbDraft draft;
    draft.missing_texts = std::move(missing);
    return draft;
  }
  auto normalised = normalise(std::move(documents));
  if (!normalised) return normalised.error();
  auto snapshot = as_snapshot(std::move(*normalised));

  const bool same = before != nullptr && before->version.documents == as_stored(snapshot);
  if (same && !tells_superseded(before->version)) return unchanged_kb(*before);
  const auto last = layout_before(store, before, snapshot);
  const double days = before != nullptr ? days_between(before->version.published, now) : 0;
  const auto layout = lay_out(last, std::move(snapshot), days, policy);
  // Another policy may want the same documents laid out otherwise.
  if (same && has_layers_of(before->version, layout)) return unchanged_kb(*before);

  auto draft = render(name, layout, now);
  draft.changed = true;
  const auto& documents_before = last ? last->current : Snapshot();
  draft.changes = assembler::document_changes(documents_before, layout.current);
  draft.path_order_bytes = assembler::rewritten_in_one_run(documents_before, layout.current);
  if (before != nullptr) draft.layers_before = before->version.layers;
  draft.kept_layers = kept_layers(draft.layers_before, draft.version.layers);
  return draft;
}

}  // namespace foreword::proxy
