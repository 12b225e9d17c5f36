#include "config/load_aliases.h"

#include <algorithm>
#include <array>

#include "config/model_families.h"
#include "config/models.h"

namespace foreword::config {
namespace {

bool is_known(std::string_view model) {
  constexpr std::array kProviders = {Provider::anthropic, Provider::openai, Provider::gemini};
  return std::ranges::any_of(kProviders, [&](Provider provider) {
    return ModelTable::built_in().find(provider, model) != nullptr;
  });
}

const ModelAlias* find(const std::vector<ModelAlias>& aliases, std::string_view name) {
  const auto found = std::ranges::find(aliases, name, &ModelAlias::name);
  return found == aliases.end() ? nullptr : &*found;
}

/// Empty: the chain has no end.
std::string end_of_chain(const std::vector<ModelAlias>& aliases, const ModelAlias& first) {
  std::string model = first.model;
  for (std::size_t steps = 0; steps <= aliases.size(); ++steps) {
    const auto* next = find(aliases, model);
    if (next == nullptr) return model;
    model = next->model;
  }
  return {};
}

}  // namespace

std::vector<AliasProblem> resolve_aliases(std::vector<ModelAlias>& aliases, bool knows_all_models) {
  std::ranges::sort(aliases, {}, &ModelAlias::name);
  const auto as_written = aliases;
  std::vector<AliasProblem> problems;
  for (auto& alias : aliases) {
    alias.model = end_of_chain(as_written, alias);
    if (alias.model.empty()) {
      problems.push_back({alias.name, "leads back to itself: name a model at the end"});
    } else if (knows_all_models && !is_known(alias.model)) {
      const auto close = closest_model(ModelTable::built_in(), alias.model);
      problems.push_back({alias.name, "stands for a model that is in no price table" +
                                          (close ? "; did you mean '" + *close + "'?"
                                                 : std::string("; correct its name"))});
    }
  }
  return problems;
}

}  // namespace foreword::config
