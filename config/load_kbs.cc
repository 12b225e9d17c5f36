#include "config/load_kbs.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include "config/limits.h"
#include "config/model_families.h"
#include "config/models.h"

namespace foreword::config {
namespace {

bool is_known(std::string_view model) {
  const auto& table = ModelTable::built_in();
  const auto has_it = [&](Provider provider) { return table.find(provider, model) != nullptr; };
  return has_it(Provider::anthropic) || has_it(Provider::openai) || has_it(Provider::gemini);
}

std::string unknown_model(std::size_t position, std::string_view model) {
  const auto near = closest_model(ModelTable::built_in(), model);
  return "has no known model as element " + std::to_string(position) +
         (near ? "; did you mean '" + *near + "'?" : "; config/models.json names them all");
}

void check_models(const KbSettings& kb, std::vector<KbProblem>& problems) {
  for (std::size_t i = 0; i < kb.models.size(); ++i) {
    if (is_known(kb.models[i])) continue;
    problems.push_back({kb.name, "models", unknown_model(i + 1, kb.models[i])});
  }
}

/// Reported at the first one that is too many.
void check_attachments(std::span<const KbSettings> kbs, std::vector<KbProblem>& problems) {
  std::map<std::string_view, std::set<std::string_view>> attached;
  for (const auto& kb : kbs) {
    for (const auto& rule : kb.attach_to) {
      auto& names = attached[rule];
      const bool is_new = names.insert(kb.name).second;
      if (!is_new || names.size() != limits::kMaxKbsPerRequest + 1) continue;
      problems.push_back({kb.name, "attach_to",
                          "has a label that " + std::to_string(limits::kMaxKbsPerRequest) +
                              " knowledge bases are attached to already: a request takes no more"});
    }
  }
}

}  // namespace

std::vector<KbProblem> problems_of_kbs(std::span<const KbSettings> kbs,
                                       std::span<const UpstreamSettings> upstreams) {
  std::vector<KbProblem> problems;
  for (const auto& kb : kbs) check_models(kb, problems);
  const bool has_key = std::ranges::any_of(
      upstreams, [](const auto& upstream) { return !upstream.api_key_env.empty(); });
  for (const auto& kb : kbs) {
    if (kb.keep_warm_per_day == 0 || has_key) continue;
    problems.push_back(
        {kb.name, "keep_warm_usd_per_day",
         "needs a key for requests of Foreword's own: set upstream.NAME.api_key_env"});
  }
  check_attachments(kbs, problems);
  return problems;
}

}  // namespace foreword::config
