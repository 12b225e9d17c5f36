#include "proxy/knowledge_bases.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "assembler/layer.h"
#include "assembler/layout.h"
#include "config/hash128.h"
#include "config/limits.h"
#include "config/load.h"

namespace foreword::proxy {
namespace {

std::shared_ptr<const LoadedKb> make_loaded(cache::KbVersion version,
                                            std::vector<std::string> layers) {
  auto kb = std::make_shared<LoadedKb>();
  kb->version = std::move(version);
  kb->layers = std::move(layers);
  kb->views.assign(kb->layers.begin(), kb->layers.end());
  const auto& layers_of_version = kb->version.layers;
  if (!layers_of_version.empty()) {
    kb->cache_key = "foreword-" + config::to_hex(layers_of_version.front().hash);
  }
  return kb;
}

/// Normalised documents by path, or an Error that names the first one that cannot be taken.
config::Result<std::vector<assembler::Document>> normalise(std::vector<RawDocument> raw) {
  std::vector<assembler::Document> documents;
  documents.reserve(raw.size());
  for (auto& [raw_path, raw_text] : raw) {
    auto path = assembler::normalise_path(raw_path);
    if (!path) return path.error();
    if (raw_text.size() > config::limits::kMaxDocumentBytes) {
      return config::Error{
          fmt::format("document '{}' has {} bytes, more than the {} of one document: "
                      "split it",
                      *path, raw_text.size(), config::limits::kMaxDocumentBytes)};
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

/// Documents of a stored version, each text read once.
class StoredTexts {
 public:
  explicit StoredTexts(const cache::Store& store) : store_(store) {}

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
                                              const cache::KbVersion& version) {
  StoredTexts texts(store);
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

struct Rendered {
  cache::KbVersion version;
  cache::KbContent content;
};

Rendered render(std::string_view name, const assembler::Layout& layout, config::TimePoint now) {
  Rendered out;
  auto layers = assembler::render(layout);
  out.version.name = name;
  out.version.content_id = assembler::content_id(layers);
  out.version.published = now;
  out.version.documents = as_stored(layout.current);
  out.version.layout.base = as_stored(layout.base);
  out.version.layout.middle = as_stored(layout.middle);
  out.version.layout.heat = layout.heat;
  out.version.layout.last_layer_cost = layout.last_layer_cost;
  out.version.layout.base_cost = layout.base_cost;
  for (const auto& document : layout.current) {
    out.content.document_texts.push_back(document->text);
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

/// From the first layer that the version before does not have in the same place.
std::uint64_t rewritten_bytes(const LoadedKb* before, const cache::KbVersion& after) {
  std::uint64_t kept = 0;
  for (std::size_t i = 0; before != nullptr && i < after.layers.size(); ++i) {
    const auto& old = before->version.layers;
    if (i >= old.size() || old[i].hash != after.layers[i].hash) break;
    kept += after.layers[i].text_bytes;
  }
  return after.text_bytes() - kept;
}

config::Result<std::vector<std::string>> read_layers(const cache::Store& store,
                                                     const cache::KbVersion& version) {
  std::vector<std::string> layers;
  for (const auto& layer : version.layers) {
    auto bytes = cache::get_layer(store, layer.hash);
    if (!bytes) return bytes.error();
    layers.push_back(std::move(*bytes));
  }
  return layers;
}

/// `history` has the current version first.
config::Result<cache::KbHistoryEntry> choose_version(
    std::string_view name, const std::vector<cache::KbHistoryEntry>& history,
    const std::optional<std::string>& version) {
  if (history.empty()) {
    return config::Error{fmt::format("there is no knowledge base '{}'", name)};
  }
  if (!version) {
    if (history.size() > 1) return history[1];
    return config::Error{
        fmt::format("knowledge base '{}' has no version before the current one", name)};
  }
  const cache::KbHistoryEntry* chosen = nullptr;
  for (const auto& entry : history) {
    if (version->empty() || !config::to_hex(entry.content_id).starts_with(*version)) continue;
    // The same content twice is no ambiguity: the bytes are the same.
    if (chosen != nullptr && chosen->content_id != entry.content_id) {
      return config::Error{
          fmt::format("'{}' begins more than one version of knowledge base '{}': give more of it",
                      *version, name)};
    }
    if (chosen == nullptr) chosen = &entry;
  }
  if (chosen != nullptr) return *chosen;
  return config::Error{
      fmt::format("knowledge base '{}' keeps no version '{}': `foreword kb history {}` lists them",
                  name, *version, name)};
}

double days_between(config::TimePoint from, config::TimePoint to) {
  const auto days = std::chrono::duration<double, std::ratio<86'400>>(to - from).count();
  return std::max(days, 0.0);
}

}  // namespace

config::Result<std::unique_ptr<KnowledgeBases>> KnowledgeBases::open(cache::Store& store,
                                                                     std::size_t versions_kept) {
  std::unique_ptr<KnowledgeBases> bases(new KnowledgeBases(store, versions_kept));
  auto versions = cache::list_kbs(store);
  if (!versions) return versions.error();
  for (auto& version : *versions) {
    auto layers = read_layers(store, version);
    if (!layers) return layers.error();
    const auto name = version.name;
    bases->show(name, make_loaded(std::move(version), std::move(*layers)));
  }
  return bases;
}

std::shared_ptr<const LoadedKb> KnowledgeBases::find(std::string_view name) const {
  const auto map = current_.load();
  const auto found = map->find(name);
  return found == map->end() ? nullptr : found->second;
}

std::vector<std::shared_ptr<const LoadedKb>> KnowledgeBases::list() const {
  std::vector<std::shared_ptr<const LoadedKb>> all;
  const auto map = current_.load();
  for (const auto& [name, kb] : *map) all.push_back(kb);
  return all;
}

void KnowledgeBases::show(std::string_view name, std::shared_ptr<const LoadedKb> kb) {
  auto map = std::make_shared<Map>(*current_.load());
  if (kb) {
    map->insert_or_assign(std::string(name), std::move(kb));
  } else {
    map->erase(map->find(name));
  }
  current_.store(std::move(map));
}

assembler::Layout KnowledgeBases::lay_out(std::string_view name, Snapshot documents,
                                          config::TimePoint now,
                                          const assembler::LayoutPolicy& policy) const {
  const auto before = find(name);
  if (!before) return assembler::first_layout(std::move(documents));
  auto layout = read_layout(store_, before->version);
  // What is damaged in the store is repaired by loading it again.
  if (!layout) return assembler::first_layout(std::move(documents));
  return assembler::next_layout(*layout, std::move(documents),
                                days_between(before->version.published, now), policy);
}

config::Result<PublishReport> KnowledgeBases::publish(std::string_view name,
                                                      std::vector<RawDocument> documents,
                                                      config::TimePoint now,
                                                      const assembler::LayoutPolicy& policy,
                                                      const BeforeShown& before_shown) {
  if (!config::is_kb_name(name)) {
    return config::Error{
        "a knowledge base's name has letters, digits, '.', '_' and '-', at most 64, and is not "
        "'none'"};
  }
  if (documents.empty()) {
    return config::Error{fmt::format("knowledge base '{}' would have no documents", name)};
  }
  auto normalised = normalise(std::move(documents));
  if (!normalised) return normalised.error();
  auto snapshot = as_snapshot(std::move(*normalised));

  const std::lock_guard lock(publishing_);
  PublishReport report;
  const auto before = find(name);
  if (before && before->version.documents == as_stored(snapshot)) {
    report.version = before->version;
    return report;
  }
  const auto layout = lay_out(name, std::move(snapshot), now, policy);
  auto rendered = render(name, layout, now);
  const auto stored = cache::put_kb(store_, rendered.version, rendered.content, versions_kept_);
  if (!stored) return stored.error();
  report.version = rendered.version;
  report.changed = true;
  report.rewritten_bytes = rewritten_bytes(before.get(), report.version);
  auto loaded =
      make_loaded(std::move(rendered.version), std::move(rendered.content.escaped_layers));
  if (before_shown) before_shown(loaded);
  show(name, std::move(loaded));
  return report;
}

config::Result<PublishReport> KnowledgeBases::roll_back(std::string_view name,
                                                        const std::optional<std::string>& version,
                                                        config::TimePoint now,
                                                        const BeforeShown& before_shown) {
  const std::lock_guard lock(publishing_);
  const auto entries = history(name);
  if (!entries) return entries.error();
  const auto chosen = choose_version(name, *entries, version);
  if (!chosen) return chosen.error();
  const auto before = find(name);
  PublishReport report;
  if (before && before->version.content_id == chosen->content_id) {
    report.version = before->version;
    return report;
  }
  auto old = cache::get_kept_kb(store_, name, chosen->sequence);
  if (!old) return old.error();
  if (!*old) return config::Error{fmt::format("knowledge base '{}' is damaged in the store", name)};
  // Before anything is written: what cannot be read cannot be published.
  auto layers = read_layers(store_, **old);
  if (!layers) return layers.error();
  auto stored = cache::roll_back_kb(store_, name, chosen->sequence, now, versions_kept_);
  if (!stored) return stored.error();
  report.version = *stored;
  report.changed = true;
  report.rewritten_bytes = rewritten_bytes(before.get(), report.version);
  auto loaded = make_loaded(std::move(*stored), std::move(*layers));
  if (before_shown) before_shown(loaded);
  show(name, std::move(loaded));
  return report;
}

config::Result<bool> KnowledgeBases::remove(std::string_view name) {
  const std::lock_guard lock(publishing_);
  auto removed = cache::remove_kb(store_, name);
  if (removed && *removed) show(name, nullptr);
  return removed;
}

}  // namespace foreword::proxy
