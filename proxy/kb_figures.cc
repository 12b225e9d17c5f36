#include "proxy/kb_figures.h"

#include <optional>
#include <string_view>

#include "cache/token_counts.h"

namespace foreword::proxy {
namespace {

/// Of requests with this version, or the one before it, alone.
cache::TextShare share_of(const cache::KbVersion& version) {
  return [&version](std::string_view kb) -> std::optional<double> {
    if (kb != version.name) return std::nullopt;
    std::uint64_t escaped = 0;
    for (const auto& layer : version.layers) escaped += layer.escaped_bytes;
    if (escaped == 0) return std::nullopt;
    return static_cast<double>(version.text_bytes()) / static_cast<double>(escaped);
  };
}

}  // namespace

KbFigures kb_figures(const cache::Store& store, const config::ModelTable& models,
                     const cache::KbVersion& version) {
  KbFigures figures;
  if (version.layers.empty()) return figures;
  const auto ratios = cache::read_token_ratios(store, models, share_of(version));
  for (const auto& model : models.models()) {
    const auto counts = cache::get_token_counts(store, version.layers, model.name);
    if (counts && *counts) {
      figures.emplace(&model, cache::ratio_of(version.layers, **counts));
    } else if (ratios) {
      const auto ratio = ratios->of(model, version.name);
      if (ratio.source == cache::RatioSource::own_requests) figures.emplace(&model, ratio);
    }
  }
  return figures;
}

}  // namespace foreword::proxy
