// Every setting as a row: key, explanation, what it takes, and how it is written and read.
//
// Loading, `foreword config print` and the checks on the example file all go by these rows, so that
// a new setting is one line in fields.cc and one member in settings.h. A default is not in a row:
// it is what `get` says of fresh Settings. The tables are made once and never change; any thread
// may read them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/settings.h"

namespace foreword::config {

/// The kinds of TOML values that settings have; lists are of strings.
using Value = std::variant<std::int64_t, std::string, std::vector<std::string>>;

template <class Target>
struct Field {
  std::string key;      // "proxy.listen"; in [upstream.NAME] or [kb.NAME]: "base_url"
  std::string doc;      // one sentence, as in the example file
  std::string expects;  // "a whole number from 0 to 1024": what follows "must be" in an error
  /// False, and nothing changed, when the value is not what the row expects.
  std::function<bool(Target&, const Value&)> set;
  std::function<Value(const Target&)> get;
};

[[nodiscard]] const std::vector<Field<Settings>>& fields();
/// The keys inside each [upstream.NAME].
[[nodiscard]] const std::vector<Field<UpstreamSettings>>& upstream_fields();
/// The keys inside each [kb.NAME].
[[nodiscard]] const std::vector<Field<KbSettings>>& kb_fields();

}  // namespace foreword::config
