#include "assembler/rename_model.h"

#include <algorithm>
#include <string>

namespace foreword::assembler {

void rename_model(const Outline& outline, std::string_view model, Plan& plan) {
  const auto& span = outline.model_span;
  if (span.size() == 0) return;
  const std::string_view value = plan.owned.emplace_back('"' + std::string(model) + '"');
  const auto behind = std::ranges::upper_bound(plan.edits, span.begin, {}, &Edit::at);
  plan.edits.insert(behind, Edit{span.begin, span.size(), value});
}

}  // namespace foreword::assembler
