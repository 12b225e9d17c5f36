// What a policy sent, line by line, so that somebody else can compute the bill again.
//
//   {"i": place in the files, "t": seconds, "marks": [[segments in the prefix, ttl seconds], ...]}
//   {"ping": place in the files, "k": segments, "t": seconds, "ttl": seconds}
//
// A place counts requests from 0 on, in the order of the files and their lines.
#pragma once

#include <filesystem>
#include <fstream>
#include <optional>
#include <span>

#include "config/result.h"
#include "tools/replay/policy.h"

namespace foreword::replay {

class PlanWriter {
 public:
  /// Empties the file. Whether it can be written is told by finish().
  explicit PlanWriter(std::filesystem::path file);

  /// Times are written to the microsecond.
  void sent(std::uint32_t place, double at, std::span<const Mark> marks);
  void pinged(std::uint32_t place, const Ping& ping);

  /// After the last line: what went wrong with the file, if anything did.
  [[nodiscard]] std::optional<config::Error> finish();

 private:
  std::filesystem::path file_;
  std::ofstream output_;
};

}  // namespace foreword::replay
