#include "proxy/knowledge_bases.h"

#include <utility>

#include <fmt/format.h>

#include "config/hash128.h"

namespace foreword::proxy {
namespace {

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

}  // namespace

std::shared_ptr<const LoadedKb> KnowledgeBases::make_loaded(
    cache::KbVersion version, std::vector<std::string> layers,
    const cache::TokenRatios& ratios) const {
  auto kb = std::make_shared<LoadedKb>();
  kb->version = std::move(version);
  kb->layers = std::move(layers);
  kb->figures = kb_figures(store_, models_, ratios, kb->version);
  return kb;
}

std::shared_ptr<const LoadedKb> KnowledgeBases::make_loaded(cache::KbVersion version,
                                                            std::vector<std::string> layers) const {
  const auto ratios = learned_ratios(store_, models_, {&version, 1});
  return make_loaded(std::move(version), std::move(layers), ratios);
}

config::Result<std::unique_ptr<KnowledgeBases>> KnowledgeBases::open(
    cache::Store& store, std::size_t versions_kept, const config::ModelTable& models) {
  std::unique_ptr<KnowledgeBases> bases(new KnowledgeBases(store, versions_kept, models));
  auto versions = cache::list_kbs(store);
  if (!versions) return versions.error();
  const auto ratios = learned_ratios(store, models, *versions);
  for (auto& version : *versions) {
    auto layers = read_layers(store, version);
    if (!layers) return layers.error();
    const auto name = version.name;
    bases->directory_.show(name,
                           bases->make_loaded(std::move(version), std::move(*layers), ratios));
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
                                                const DraftCheck& check,
                                                const BeforeShown& before_shown) {
  const std::lock_guard lock(publishing_);
  auto drafted = draft(name, std::move(documents), now, policy);
  if (!drafted || !drafted->changed) return drafted;
  if (check) {
    const auto accepted = check(*drafted);
    if (!accepted) return accepted.error();
  }
  const auto stored = cache::put_kb(store_, drafted->version, drafted->content, versions_kept_);
  if (!stored) return stored.error();
  auto loaded = make_loaded(drafted->version, std::move(drafted->content.escaped_layers));
  drafted->content = {};
  drafted->documents.clear();
  if (before_shown) before_shown(loaded);
  directory_.show(name, std::move(loaded));
  return drafted;
}

config::Result<KbDraft> KnowledgeBases::roll_back(std::string_view name,
                                                  const std::optional<std::string>& version,
                                                  config::TimePoint now,
                                                  const BeforeShown& before_shown) {
  const std::lock_guard lock(publishing_);
  const auto entries = history(name);
  if (!entries) return entries.error();
  const auto chosen = choose_version(name, *entries, version);
  if (!chosen) return chosen.error();
  const auto before = find(name);
  if (before && before->version.content_id == chosen->content_id) return unchanged_kb(*before);
  auto old = cache::get_kept_kb(store_, name, chosen->sequence);
  if (!old) return old.error();
  if (!*old) return config::Error{fmt::format("knowledge base '{}' is damaged in the store", name)};
  // Before anything is written: what cannot be read cannot be published.
  auto layers = read_layers(store_, **old);
  if (!layers) return layers.error();
  auto stored = cache::roll_back_kb(store_, name, chosen->sequence, now, versions_kept_);
  if (!stored) return stored.error();
  auto report = known_kb(before.get(), *stored);
  auto loaded = make_loaded(std::move(*stored), std::move(*layers));
  if (before_shown) before_shown(loaded);
  directory_.show(name, std::move(loaded));
  return report;
}

config::Result<bool> KnowledgeBases::remove(std::string_view name) {
  const std::lock_guard lock(publishing_);
  auto removed = cache::remove_kb(store_, name);
  if (removed && *removed) directory_.show(name, nullptr);
  return removed;
}

}  // namespace foreword::proxy
