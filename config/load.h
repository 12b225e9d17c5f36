// Settings from a TOML file and --set overrides, with the origin of every value.
//
// Everything wrong is reported, not only the first thing: unknown keys, wrong types and values out
// of range, each with file, line and column, one line each. Texts are not repeated in errors, so
// that a secret in the wrong place does not reach a log. For start-up: reads a file, may be slow.
#pragma once

#include <filesystem>
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
  /// Each "section.key=value", e.g. "proxy.listen=127.0.0.1:0",
  /// "upstream.vllm.base_url=http://h:1". The value is a TOML value; one that is not TOML is taken
  /// as a string. The last one wins.
  std::vector<std::string> overrides;
  /// Reads an environment variable: the seam that tests replace.
  /// Asked for XDG_DATA_HOME, HOME and what admin.token_env, api_key_env, distill.key_env and
  /// otlp.headers_env name.
  /// Empty: nothing is set.
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

/// What parse_endpoint takes, in the words of an error.
inline constexpr std::string_view kEndpointForm =
    R"(host:port, like "127.0.0.1:8787" or "[::1]:0")";
/// "127.0.0.1:8787", "[::1]:0", "localhost:80". The host comes out in lower case, an IPv6 one
/// without its brackets.
[[nodiscard]] Result<Endpoint> parse_endpoint(std::string_view text);
[[nodiscard]] std::string to_text(const Endpoint& endpoint);
/// 127.0.0.0/8, ::1 and "localhost"; any other name may resolve to anywhere.
[[nodiscard]] bool is_loopback(const Endpoint& endpoint);

inline constexpr std::string_view kBaseUrlForm =
    "http://host[:port][/path] or https://..., without user, query or fragment";
/// "https://api.anthropic.com", "http://127.0.0.1:9000/prefix/". Keeps a /v1 at the end: only
/// load_settings knows the provider, and takes it off for OpenAI's, whose clients send it.
[[nodiscard]] Result<BaseUrl> parse_base_url(std::string_view text);
[[nodiscard]] std::string to_text(const BaseUrl& url);

/// KB names: letters, digits, '.', '_', '-'; at most 64; not "none", not starting with '.'.
[[nodiscard]] bool is_kb_name(std::string_view name);

}  // namespace foreword::config
