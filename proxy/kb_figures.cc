#include "proxy/kb_figures.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "cache/token_counts.h"

namespace foreword::proxy {

cache::TokenRatios learned_ratios(const cache::Store& store, const config::ModelTable& models,
                                  std::span<const cache::KbVersion> versions) {
  const auto share_of = [versions](std::string_view kb) -> std::optional<double> {
    const auto version = std::ranges::find(versions, kb, &cache::KbVersion::name);
    if (version == versions.end()) return std::nullopt;
    std::uint64_t escaped = 0;
    for (const auto& layer : version->layers) escaped += layer.escaped_bytes;
    if (escaped == 0) return std::nullopt;
    return static_cast<double>(version->text_bytes()) / static_cast<double>(escaped);
  };
  auto ratios = cache::read_token_ratios(store, models, share_of);
  return ratios ? std::move(*ratios) : cache::TokenRatios(models);
}

KbFigures kb_figures(const cache::Store& store, const config::ModelTable& models,
                     const cache::TokenRatios& ratios, const cache::KbVersion& version) {
  KbFigures figures;
  if (version.layers.empty()) return figures;
  for (const auto& model : models.models()) {
    const auto counts = cache::get_token_counts(store, version.layers, model.name);
    if (counts && *counts) {
      figures.emplace(&model, cache::ratio_of(version.layers, **counts));
      continue;
    }
    const auto ratio = ratios.of(model, version.name);
    if (ratio.source == cache::RatioSource::own_requests) figures.emplace(&model, ratio);
  }
  return figures;
}

}  // namespace foreword::proxy
