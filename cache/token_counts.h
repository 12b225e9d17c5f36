// How many tokens a provider says a layer has: asked once, then remembered.
//
// Thread-safe, as the store is. A count goes with its layer.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "cache/knowledge.h"
#include "cache/token_ratios.h"

namespace foreword::cache {

/// `model` is its name in the table. An Error only if the store cannot be written.
[[nodiscard]] config::Result<void> put_token_count(Store& store, const config::Hash128& layer,
                                                   std::string_view model, std::uint64_t tokens);
/// Nothing: it was never counted with that model.
[[nodiscard]] config::Result<std::optional<std::uint64_t>> get_token_count(
    const Store& store, const config::Hash128& layer, std::string_view model);

/// Of each of the layers; nothing if one of them was not counted.
[[nodiscard]] config::Result<std::optional<std::vector<std::uint64_t>>> get_token_counts(
    const Store& store, std::span<const StoredLayer> layers, std::string_view model);

/// What the counts of all layers say of the text. REQUIRES: at least one token.
[[nodiscard]] TokenRatio ratio_of(std::span<const StoredLayer> layers,
                                  std::span<const std::uint64_t> counts);

}  // namespace foreword::cache
