// How many bytes of a version's text make a token, for the models of which more is known than what
// the table says: what a request's way needs to judge a window.
//
// Made when a version is shown and at the start, since it reads the store; immutable then.
#pragma once

#include <map>

#include "cache/knowledge.h"
#include "cache/token_ratios.h"
#include "config/models.h"

namespace foreword::proxy {

using KbFigures = std::map<const config::Model*, cache::TokenRatio>;

/// Counted by the provider, else learned from the ledger. A store that cannot be read teaches
/// nothing.
[[nodiscard]] KbFigures kb_figures(const cache::Store& store, const config::ModelTable& models,
                                   const cache::KbVersion& version);

}  // namespace foreword::proxy
