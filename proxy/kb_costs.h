// What a knowledge base will cost with the models that matter to its owner, as the admin API shows
// it; and whether any of them can take it at all.
//
// Blocks on nothing; all it needs is in memory.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "cache/kb_cost.h"
#include "cache/token_ratios.h"
#include "config/result.h"
#include "config/settings.h"
#include "proxy/kb_counts.h"
#include "proxy/kb_draft.h"
#include "proxy/knowledge_bases.h"
#include "proxy/services.h"

namespace foreword::proxy {

/// The models that a knowledge base is for.
struct KbModels {
  /// Named by kb.NAME.models, else the newest of each family of the providers that have an
  /// upstream.
  std::vector<const config::Model*> shown;
  /// All that it may be sent to: the named ones, else every model of those providers.
  std::vector<const config::Model*> reachable;
  /// Named, but not in the table: nothing is known of their windows and prices.
  std::vector<std::string> unknown;
  bool named = false;
};
[[nodiscard]] KbModels kb_models(const config::ModelTable& models, const config::Settings& settings,
                                 std::string_view kb);

/// Of what is inserted, how much is text, for each of the knowledge bases as it is now; for a set,
/// of all of them together.
[[nodiscard]] cache::TextShare text_share(const KnowledgeBases& knowledge);

/// What is known of a knowledge base's tokens.
struct KbTokens {
  const cache::TokenRatios& ratios;
  const KbCounts& counts;
};

[[nodiscard]] cache::KbSizes kb_sizes(const KbDraft& draft);
/// As it stands, without an update.
[[nodiscard]] cache::KbSizes kb_sizes(const cache::KbVersion& version);

/// An Error where the draft is surely larger than one of the models that were named for it takes,
/// or than all of them where none was. It says by how much, and which documents are the biggest.
[[nodiscard]] config::Result<void> check_fit(const KbDraft& draft, const KbModels& models,
                                             const KbTokens& tokens);

/// The members "models" and "unknown_models". `before` may be empty.
[[nodiscard]] boost::json::object costs_json(const KbModels& models, const KbTokens& tokens,
                                             const cache::KbVersion& version,
                                             const cache::KbSizes& sizes,
                                             const std::vector<cache::StoredLayer>& before,
                                             config::TimePoint at);

/// The members "changed", "rewritten_bytes", "kept_layers", "layers_before" and "changes": how many
/// documents, and their names, of each kind the first limits::kMaxListedChanges.
[[nodiscard]] boost::json::object changes_json(const KbDraft& draft);

}  // namespace foreword::proxy
