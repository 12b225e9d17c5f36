// Settings from a TOML file and --set overrides, with the origin of every value.
//
// Everything wrong is reported, not only the first thing: unknown keys, wrong types and values out
// of range, each with file, line and column.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/result.h"
#include "config/settings.h"

namespace foreword::config {

struct LoadRequest {
  /// From --config or FOREWORD_CONFIG; nothing: built-in defaults only.
  std::optional<std::filesystem::path> file;
  /// Each "section.key=value", e.g. "proxy.listen=127.0.0.1:0", "upstream.vllm.base_url=http://h:1".
  /// The value is a TOML value; one that is not TOML is taken as a string.
  std::vector<std::string> overrides;
  /// Reads an environment variable: the seam that tests replace.
  std::function<std::optional<std::string>(std::string_view)> environment;
};

/// One line of `foreword config print`.
struct SettingLine {
  std::string key;     // "proxy.listen"
  std::string value;   // as TOML
  std::string origin;  // "default", "/etc/foreword.toml:3", "--set"
};

struct LoadedSettings {
  Settings settings;
  std::vector<SettingLine> lines;
};

[[nodiscard]] Result<LoadedSettings> load_settings(const LoadRequest& request);

/// "127.0.0.1:8787", "[::1]:0".
[[nodiscard]] Result<Endpoint> parse_endpoint(std::string_view text);
/// "https://api.anthropic.com", "http://127.0.0.1:9000/prefix/".
[[nodiscard]] Result<BaseUrl> parse_base_url(std::string_view text);
/// KB names: letters, digits, '.', '_', '-'; at most 64; not "none", not starting with '.'.
[[nodiscard]] bool is_kb_name(std::string_view name);

}  // namespace foreword::config
