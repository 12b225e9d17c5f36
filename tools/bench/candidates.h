// The proxies that are compared, each as a child process in front of the stub.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/bench/child_process.h"
#include "tools/bench/prompts.h"

namespace foreword::bench {

/// Where candidates run: a folder that is removed at the end, and the upstream of them all.
struct Site {
  std::filesystem::path folder;
  std::uint16_t stub_port = 0;
  std::string other_foreword;  // the program of kForewordOther; empty: there is none
};

/// A proxy that takes connections.
struct RunningProxy {
  RunningProxy(ChildProcess child, std::uint16_t at) : process(std::move(child)), port(at) {}
  ChildProcess process;
  std::uint16_t port;
  Route route;
  std::string admin_url;  // of Foreword
};

struct Candidate {
  std::string_view name;
  std::string_view title;
  /// Throws what explains itself when it does not come up.
  std::function<RunningProxy(const Site&)> start;
  /// What is not installed and how to get it; empty: nothing is missing.
  std::function<std::string()> missing = [] { return std::string(); };
  /// Its bursts are shorter by this, so that one that takes a hundred times as long can take part.
  std::size_t slowness = 1;
};

/// In the order of the tables.
[[nodiscard]] const std::vector<Candidate>& all_candidates();
[[nodiscard]] const Candidate* find_candidate(std::string_view name);

}  // namespace foreword::bench
