// Which models to show to somebody who has named none: data, not a list to keep.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/models.h"

namespace foreword::config {

/// A model's name without its version, "claude-opus-5-5" -> "claude-opus", "gpt-6.2-sol" ->
/// "gpt-sol", "gemini-3.1-pro-preview" -> "gemini-pro".
[[nodiscard]] std::string family_of(std::string_view model);

/// The newest model of each family, by provider and name. Families whose newest model is to be
/// switched off, or is older than the generation before its provider's newest, are left out.
/// Pointers into `models`.
[[nodiscard]] std::vector<const Model*> newest_of_families(const ModelTable& models);

}  // namespace foreword::config
