// The program's command line. Exit codes: 0 done, 1 failed, 2 usage.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace foreword::tools {

inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;
inline constexpr int kUsage = 2;

/// Where settings come from: the same for every subcommand.
struct SettingsSource {
  std::optional<std::string> file;     // --config, else FOREWORD_CONFIG
  std::vector<std::string> overrides;  // --set
};

/// Which store a command works on: a running proxy's, or a folder that no proxy holds.
struct StoreSource {
  SettingsSource settings;
  std::string admin;  // --admin URL; empty: admin.listen of the settings
  std::string data;   // --data DIR; empty: ask the running proxy
};

/// Parses and runs; prints usage errors to standard error.
int run(int argc, const char* const* argv);

}  // namespace foreword::tools
