// What the names of models say: their family and date, and which models to show to somebody who has
// named none.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/models.h"

namespace foreword::config {

/// A model's name without its version, "claude-opus-5-5" -> "claude-opus", "gpt-6.2-sol" ->
/// "gpt-sol", "gemini-3.1-pro-preview" -> "gemini-pro".
[[nodiscard]] std::string family_of(std::string_view model);

/// Takes "-latest", "-20260928" or "-2026-09-28" off the end; an undated name stays as it is.
[[nodiscard]] std::string_view without_date(std::string_view name);

/// The model whose name is closest to a misspelt one, if one is close.
[[nodiscard]] std::optional<std::string> closest_model(const ModelTable& models,
                                                       std::string_view name);

/// The newest model of each family, by provider and name. Families whose newest model is to be
/// switched off, or is older than the generation before its provider's newest, are left out.
/// Pointers into `models`.
[[nodiscard]] std::vector<const Model*> newest_of_families(const ModelTable& models);

}  // namespace foreword::config
