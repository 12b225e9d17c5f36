// One run of the bench: what is up, and the order in which it is measured.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "tools/bench/candidates.h"
#include "tools/bench/plan.h"
#include "tools/bench/results.h"

namespace foreword::bench {

/// A folder of its own, gone with its owner.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// The processors of the run: the proxy has one alone, the client and the upstream share the other.
/// Nothing where there is but one: then nothing is pinned.
struct Cores {
  int proxy = 0;
  int load = 0;
};

struct Session {
  const Plan& plan;
  Site site;
  std::optional<Cores> cores;
  /// Wanted and installed, in the order of the tables.
  std::vector<const Candidate*> candidates;
  /// That this process and each of its children may hold.
  std::size_t open_files = 0;
  Results& results;
};

/// Starts one and puts it where a proxy belongs.
[[nodiscard]] RunningProxy start_pinned(const Session& session, const Candidate& candidate);
/// Index i of `count` in repeat `repeat`: each repeat begins with another one, so that none is
/// always first.
[[nodiscard]] std::size_t rotated(std::size_t i, std::size_t repeat, std::size_t count);
/// Progress: one line to standard error.
void say(std::string_view what);

/// Each of these adds to session.results. They throw WrongAnswer, Interrupted, std::system_error.
void measure_cpu(Session& session);
void measure_latency(Session& session);
void measure_memory(Session& session);
void measure_streams(Session& session);
void measure_tls(Session& session);
void measure_planner(Session& session);
void measure_ledger(Session& session);
void measure_savings(Session& session);

}  // namespace foreword::bench
