#include "proxy/kb_costs.h"

#include <algorithm>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "cache/token_counts.h"
#include "config/hash128.h"
#include "config/kb_set.h"
#include "config/limits.h"
#include "config/model_families.h"

namespace foreword::proxy {
namespace {

namespace json = boost::json;

constexpr config::Provider kProviders[] = {config::Provider::anthropic, config::Provider::openai,
                                           config::Provider::gemini};
constexpr std::size_t kBiggestDocuments = 5;

const config::Model* find_model(const config::ModelTable& models, std::string_view name) {
  for (const auto provider : kProviders) {
    if (const auto* model = models.find(provider, name)) return model;
  }
  return nullptr;
}

/// Of models that are all too small, the one that lacks least, for each provider.
std::vector<cache::KbCost> nearest(const std::vector<cache::KbCost>& misfits) {
  std::vector<cache::KbCost> result;
  for (const auto provider : kProviders) {
    const cache::KbCost* least = nullptr;
    for (const auto& cost : misfits) {
      if (cost.model->provider != provider) continue;
      if (least == nullptr || cost.window_share < least->window_share) least = &cost;
    }
    if (least != nullptr) result.push_back(*least);
  }
  return result;
}

const KbCount* find_count(const KbCounts& counts, const config::Model& model) {
  const auto found = counts.find(&model);
  return found == counts.end() ? nullptr : &found->second;
}

/// Counted if it was, else estimated.
cache::KbCost cost_of(const config::Model& model, const KbTokens& tokens,
                      const cache::KbVersion& version, const cache::KbSizes& sizes,
                      config::TimePoint at) {
  const auto* count = find_count(tokens.counts, model);
  if (count != nullptr && count->layers) {
    const auto ratio = cache::ratio_of(version.layers, *count->layers);
    return cache::kb_cost(model, ratio, sizes, at, *count->layers);
  }
  return cache::kb_cost(model, tokens.ratios.of(model, version.name), sizes, at);
}

/// Those that stayed have the tokens that they have now; the others are estimated.
json::array tokens_before(const cache::KbCost& cost, const cache::KbVersion& now,
                          const std::vector<cache::StoredLayer>& before) {
  json::array tokens;
  for (std::size_t i = 0; i < before.size(); ++i) {
    const bool stayed = i < now.layers.size() && now.layers[i].hash == before[i].hash;
    tokens.push_back(stayed ? cost.layer_tokens[i] : cost.ratio.tokens(before[i].text_bytes));
  }
  return tokens;
}

std::string biggest_documents(const KbDraft& draft, const cache::TokenRatio& ratio) {
  auto documents = draft.version.documents;
  const auto count = std::min(documents.size(), kBiggestDocuments);
  const auto end = documents.begin() + static_cast<std::ptrdiff_t>(count);
  std::ranges::partial_sort(documents, end, std::greater<>(), &cache::StoredDocument::bytes);
  std::string text;
  for (auto document = documents.begin(); document != end; ++document) {
    text += fmt::format("{}{} ({} bytes, about {} tokens)", text.empty() ? "" : ", ",
                        document->path, document->bytes, ratio.tokens(document->bytes));
  }
  return text;
}

std::string misfit_message(const KbDraft& draft, const std::vector<cache::KbCost>& misfits) {
  std::string sizes;
  for (const auto& cost : misfits) {
    sizes += fmt::format("{}{} takes {} tokens, it has about {} ({:.1f} times as many)",
                         sizes.empty() ? "" : "; ", cost.model->name,
                         cost.model->context_window_tokens, cost.tokens, cost.window_share);
  }
  return fmt::format(
      "knowledge base '{}' is too large: {}. The biggest documents: {}. Leave some out, or load it "
      "all the same with --allow-oversize",
      draft.version.name, sizes, biggest_documents(draft, misfits.front().ratio));
}

json::array tokens_json(const std::vector<std::uint64_t>& tokens) {
  return json::array(tokens.begin(), tokens.end());
}

json::object to_json(const cache::KbCost& cost) {
  const auto& ratio = cost.ratio;
  return {{"model", cost.model->name},
          {"provider", config::name_of(cost.model->provider)},
          {"tokens_estimate", cost.tokens},
          {"tokens_error", ratio.error},
          {"estimated_from", cache::name_of(ratio.source)},
          {"estimated_from_requests", ratio.requests},
          {"bytes_per_token", ratio.bytes_per_token},
          {"layer_tokens", tokens_json(cost.layer_tokens)},
          {"window", cost.model->context_window_tokens},
          {"window_share", cost.window_share},
          {"fits", cache::name_of(cost.fit)},
          {"long_context", cost.long_context},
          {"cacheable", cost.cacheable},
          {"cold_usd", config::to_usd(cost.cold)},
          {"warm_usd", config::to_usd(cost.warm)},
          {"rewritten_tokens", cost.rewritten.tokens},
          {"rewritten_usd", config::to_usd(cost.rewritten.cost)},
          {"path_order_tokens", cost.path_order.tokens},
          {"path_order_usd", config::to_usd(cost.path_order.cost)}};
}

/// {"count": ..., "paths": [...]}
template <class List, class Element>
json::object bounded(const List& list, Element element) {
  json::array paths;
  const auto shown = std::min(list.size(), config::limits::kMaxListedChanges);
  for (std::size_t i = 0; i < shown; ++i) paths.push_back(element(list[i]));
  return {{"count", list.size()}, {"paths", std::move(paths)}};
}

}  // namespace

KbModels kb_models(const config::ModelTable& models, const config::Settings& settings,
                   std::string_view kb) {
  KbModels result;
  for (const auto& name : settings.kb_named(kb).models) {
    result.named = true;
    if (const auto* model = find_model(models, name)) {
      result.shown.push_back(model);
    } else {
      result.unknown.push_back(name);
    }
  }
  result.reachable = result.shown;
  if (result.named) return result;
  const auto has_upstream = [&](const config::Model& model) {
    return settings.upstream_for(model.provider) != nullptr;
  };
  for (const auto& model : models.models()) {
    if (has_upstream(model)) result.reachable.push_back(&model);
  }
  for (const auto* model : config::newest_of_families(models)) {
    if (has_upstream(*model)) result.shown.push_back(model);
  }
  return result;
}

cache::TextShare text_share(const KnowledgeBases& knowledge) {
  return [&knowledge](std::string_view set) -> std::optional<double> {
    std::uint64_t text = 0;
    std::uint64_t escaped = 0;
    for (const auto& name : config::split_kb_set(set)) {
      const auto kb = knowledge.find(name);
      if (!kb) return std::nullopt;
      text += kb->version.text_bytes();
      for (const auto& layer : kb->version.layers) escaped += layer.escaped_bytes;
    }
    if (escaped == 0) return std::nullopt;
    return static_cast<double>(text) / static_cast<double>(escaped);
  };
}

cache::KbSizes kb_sizes(const cache::KbVersion& version) {
  cache::KbSizes sizes;
  for (const auto& layer : version.layers) sizes.layers.push_back(layer.text_bytes);
  sizes.kept_layers = sizes.layers.size();
  return sizes;
}

cache::KbSizes kb_sizes(const KbDraft& draft) {
  auto sizes = kb_sizes(draft.version);
  sizes.kept_layers = draft.kept_layers;
  sizes.path_order_bytes = draft.path_order_bytes;
  return sizes;
}

config::Result<void> check_fit(const KbDraft& draft, const KbModels& models,
                               const KbTokens& tokens) {
  const auto sizes = kb_sizes(draft);
  std::vector<cache::KbCost> misfits;
  for (const auto* model : models.reachable) {
    auto cost = cost_of(*model, tokens, draft.version, sizes, draft.version.published);
    if (cost.fit == cache::Fit::too_large) misfits.push_back(std::move(cost));
  }
  if (misfits.empty()) return {};
  if (models.named) return config::Error{misfit_message(draft, misfits)};
  if (misfits.size() < models.reachable.size()) return {};
  return config::Error{misfit_message(draft, nearest(misfits))};
}

json::object costs_json(const KbModels& models, const KbTokens& tokens,
                        const cache::KbVersion& version, const cache::KbSizes& sizes,
                        const std::vector<cache::StoredLayer>& before, config::TimePoint at) {
  json::array costs;
  for (const auto* model : models.shown) {
    const auto cost = cost_of(*model, tokens, version, sizes, at);
    auto entry = to_json(cost);
    entry["layer_tokens_before"] = tokens_before(cost, version, before);
    const auto* count = find_count(tokens.counts, *model);
    entry["not_counted"] = count != nullptr && !count->failure.empty() ? json::value(count->failure)
                                                                       : json::value(nullptr);
    costs.push_back(std::move(entry));
  }
  return {{"models", std::move(costs)},
          {"unknown_models", json::array(models.unknown.begin(), models.unknown.end())}};
}

json::object changes_json(const KbDraft& draft) {
  const auto path = [](const std::string& name) { return json::value(name); };
  const auto& changes = draft.changes;
  json::array layers_before;
  for (const auto& layer : draft.layers_before) {
    layers_before.push_back(
        {{"hash", config::to_hex(layer.hash)}, {"text_bytes", layer.text_bytes}});
  }
  return {{"changed", draft.changed},
          {"rewritten_bytes", draft.rewritten_bytes()},
          {"path_order_bytes", draft.path_order_bytes},
          {"kept_layers", draft.kept_layers},
          {"layers_before", std::move(layers_before)},
          {"changes",
           {{"added", bounded(changes.added, path)},
            {"changed", bounded(changes.changed, path)},
            {"removed", bounded(changes.removed, path)},
            {"renamed", bounded(changes.renamed, [](const auto& renamed) {
               return json::value{{"from", renamed.from}, {"to", renamed.to}};
             })}}}};
}

}  // namespace foreword::proxy
