#include "proxy/knowledge_bases.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "assembler/layer.h"
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
  kb->cache_key = "foreword-" + config::to_hex(kb->version.content_id);
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

struct Rendered {
  cache::KbVersion version;
  cache::KbContent content;
};

Rendered render(std::string_view name, std::vector<assembler::Document> documents,
                config::TimePoint now) {
  Rendered out;
  auto layers = assembler::render_layers(documents);
  out.version.name = name;
  out.version.content_id = assembler::content_id(layers);
  out.version.published = now;
  for (auto& document : documents) {
    cache::StoredDocument stored;
    stored.hash = config::xxh3_128(document.text);
    stored.bytes = document.text.size();
    stored.path = std::move(document.path);
    out.version.documents.push_back(std::move(stored));
    out.content.document_texts.push_back(std::move(document.text));
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

}  // namespace

config::Result<std::unique_ptr<KnowledgeBases>> KnowledgeBases::open(cache::Store& store) {
  std::unique_ptr<KnowledgeBases> bases(new KnowledgeBases(store));
  auto versions = cache::list_kbs(store);
  if (!versions) return versions.error();
  for (auto& version : *versions) {
    std::vector<std::string> layers;
    for (const auto& layer : version.layers) {
      auto bytes = cache::get_layer(store, layer.hash);
      if (!bytes) return bytes.error();
      layers.push_back(std::move(*bytes));
    }
    const auto name = version.name;
    bases->show(name, make_loaded(std::move(version), std::move(layers)));
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

config::Result<PublishReport> KnowledgeBases::publish(std::string_view name,
                                                      std::vector<RawDocument> documents,
                                                      config::TimePoint now) {
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
  auto rendered = render(name, std::move(*normalised), now);

  const std::lock_guard lock(publishing_);
  PublishReport report;
  const auto before = find(name);
  if (before && before->version.content_id == rendered.version.content_id) {
    report.version = before->version;
    return report;
  }
  const auto stored = cache::put_kb(store_, rendered.version, rendered.content);
  if (!stored) return stored.error();
  report.version = rendered.version;
  report.changed = true;
  show(name, make_loaded(std::move(rendered.version), std::move(rendered.content.escaped_layers)));
  return report;
}

config::Result<bool> KnowledgeBases::remove(std::string_view name) {
  const std::lock_guard lock(publishing_);
  auto removed = cache::remove_kb(store_, name);
  if (removed && *removed) show(name, nullptr);
  return removed;
}

}  // namespace foreword::proxy
