#include "proxy/model_alias.h"

#include "assembler/rename_model.h"
#include "proxy/shard.h"

namespace foreword::proxy {

void settle_facts(const Exchange& exchange, const assembler::Outline& outline, PromptFacts& facts) {
  const auto& call = exchange.call;
  facts.stream = facts.stream || outline.stream;
  facts.alias = call.path_alias;
  const auto& services = exchange.shard.services();
  if (call.path_model.empty()) {
    const auto* aliased = services.settings.model_of_alias(outline.model);
    if (aliased != nullptr) facts.alias = outline.model;
    facts.model = aliased != nullptr ? *aliased : outline.model;
  }
  facts.known_model = services.models.now().find(call.upstream->provider, facts.model);
}

std::size_t resolve_alias(const assembler::Outline& outline, const PromptFacts& facts,
                          assembler::Plan& plan) {
  std::size_t added = 0;
  for (const auto& edit : plan.edits) added += edit.insert.size() - edit.erase;
  // In a Gemini body no model is named, so that nothing is added there.
  if (!facts.alias.empty()) assembler::rename_model(outline, facts.model, plan);
  return added;
}

}  // namespace foreword::proxy
