#include "proxy/knowledge_bases.h"

#include <utility>

namespace foreword::proxy {
namespace {

std::shared_ptr<const LoadedKb> make_loaded(cache::KbVersion version,
                                            std::vector<std::string> layers) {
  auto kb = std::make_shared<LoadedKb>();
  kb->version = std::move(version);
  kb->layers = std::move(layers);
  return kb;
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
    bases->directory_.show(name, make_loaded(std::move(version), std::move(layers)));
  }
  return bases;
}

config::Result<KbDraft> KnowledgeBases::draft(std::string_view name,
                                              std::vector<RawDocument> documents,
                                              config::TimePoint now,
                                              const assembler::LayoutPolicy& policy) const {
  const auto before = find(name);
  return draft_kb(store_, name, before.get(), std::move(documents), now, policy);
}

config::Result<KbDraft> KnowledgeBases::publish(std::string_view name,
                                                std::vector<RawDocument> documents,
                                                config::TimePoint now,
                                                const assembler::LayoutPolicy& policy,
                                                const DraftCheck& check) {
  const std::lock_guard lock(publishing_);
  auto drafted = draft(name, std::move(documents), now, policy);
  if (!drafted || !drafted->changed) return drafted;
  if (check) {
    const auto accepted = check(*drafted);
    if (!accepted) return accepted.error();
  }
  const auto stored = cache::put_kb(store_, drafted->version, drafted->content);
  if (!stored) return stored.error();
  directory_.show(name, make_loaded(drafted->version, std::move(drafted->content.escaped_layers)));
  drafted->content = {};
  return drafted;
}

config::Result<bool> KnowledgeBases::remove(std::string_view name) {
  const std::lock_guard lock(publishing_);
  auto removed = cache::remove_kb(store_, name);
  if (removed && *removed) directory_.show(name, nullptr);
  return removed;
}

}  // namespace foreword::proxy
