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
  std::string path;       // in front of /v1/messages
  std::string admin_url;  // of Foreword
};

struct Candidate {
  std::string_view name;
  std::string_view title;
  /// The program it runs, for "what to install"; empty: part of this one.
  std::string program;
  std::string package;
  /// Throws what explains itself when it does not come up.
  std::function<RunningProxy(const Site&)> start;

  [[nodiscard]] bool installed() const { return program.empty() || !find_program(program).empty(); }
};

/// In the order of the tables.
[[nodiscard]] const std::vector<Candidate>& all_candidates();
[[nodiscard]] const Candidate* find_candidate(std::string_view name);

}  // namespace foreword::bench
