#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>

#include "tools/commands.h"

namespace foreword::tools {

int fail(const std::string& message) {
  fmt::print(stderr, "foreword: {}\n", message);
  return kFailed;
}

std::optional<config::LoadedSettings> load_settings_or_explain(const SettingsSource& source) {
  config::LoadRequest request;
  if (source.file) request.file = *source.file;
  request.overrides = source.overrides;
  request.environment = [](std::string_view name) -> std::optional<std::string> {
    const char* value = std::getenv(std::string(name).c_str());
    return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
  };
  auto loaded = config::load_settings(request);
  if (loaded) return std::move(*loaded);
  fmt::print(stderr, "{}\n", loaded.error().message);
  return std::nullopt;
}

int print_config(const SettingsSource& source) {
  const auto loaded = load_settings_or_explain(source);
  if (!loaded) return kFailed;
  for (const auto& line : loaded->lines) {
    fmt::print("{} = {}  # {}\n", line.key, line.value, line.origin);
  }
  return kDone;
}

}  // namespace foreword::tools
