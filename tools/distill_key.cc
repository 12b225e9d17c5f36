#include "tools/distill_key.h"

#include <cstdlib>

namespace foreword::tools {

std::optional<config::SealKey> distill_key(const config::Settings& settings) {
  const auto& name = settings.distill.key_env;
  const char* key = name.empty() ? nullptr : std::getenv(name.c_str());
  return key != nullptr ? config::parse_seal_key(key) : std::nullopt;
}

}  // namespace foreword::tools
