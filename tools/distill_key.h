// The key of captured prompts, out of the environment variable that distill.key_env names.
#pragma once

#include <optional>

#include "config/seal_key.h"
#include "config/settings.h"

namespace foreword::tools {

/// Nothing: the settings name none, or what it holds is none (which loading the settings refuses).
[[nodiscard]] std::optional<config::SealKey> distill_key(const config::Settings& settings);

}  // namespace foreword::tools
