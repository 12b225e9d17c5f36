// Shows how far a load has come: a bar on a terminal, else a line now and then.
//
// Writes to standard error. Not thread-safe.
#pragma once

#include <chrono>
#include <cstdint>

#include "tools/document_loader.h"

namespace foreword::tools {

class ProgressDisplay {
 public:
  ProgressDisplay();
  /// Takes the bar away.
  ~ProgressDisplay();
  ProgressDisplay(const ProgressDisplay&) = delete;
  ProgressDisplay& operator=(const ProgressDisplay&) = delete;

  void show(const LoadProgress& progress);

 private:
  bool terminal_;
  bool bar_is_there_ = false;
  std::chrono::steady_clock::time_point next_;
};

}  // namespace foreword::tools
