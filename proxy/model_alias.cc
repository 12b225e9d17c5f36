#include "proxy/model_alias.h"

namespace foreword::proxy {

const std::string* settle_facts(const Exchange& exchange, const assembler::Outline& outline,
                                PromptFacts& facts) {
  const auto& call = exchange.call;
  facts.stream = facts.stream || outline.stream;
  facts.alias = call.path_alias;
  if (!call.path_model.empty()) return nullptr;
  facts.model = outline.model;
  const auto* model = exchange.shard.services().settings.model_of_alias(outline.model);
  if (model == nullptr) return nullptr;
  facts.alias = outline.model;
  facts.model = *model;
  return model;
}

std::size_t bytes_added(const assembler::Plan& plan) {
  std::size_t added = 0;
  for (const auto& edit : plan.edits) added += edit.insert.size() - edit.erase;
  return added;
}

}  // namespace foreword::proxy
