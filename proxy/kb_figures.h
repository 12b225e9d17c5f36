// How many bytes of a version's text make a token, for the models of which more is known than what
// the table says: what a request's way needs to judge a window.
//
// Made when a version is shown and at the start, since it reads the store; immutable then.
#pragma once

#include <map>
#include <span>

#include "cache/knowledge.h"
#include "cache/token_ratios.h"
#include "config/models.h"

namespace foreword::proxy {

using KbFigures = std::map<const config::Model*, cache::TokenRatio>;

/// What the ledger teaches of requests with one of these versions, or the one before it, alone. A
/// store that cannot be read teaches nothing.
[[nodiscard]] cache::TokenRatios learned_ratios(const cache::Store& store,
                                                const config::ModelTable& models,
                                                std::span<const cache::KbVersion> versions);
/// Counted by the provider, else learned.
[[nodiscard]] KbFigures kb_figures(const cache::Store& store, const config::ModelTable& models,
                                   const cache::TokenRatios& ratios,
                                   const cache::KbVersion& version);

}  // namespace foreword::proxy
