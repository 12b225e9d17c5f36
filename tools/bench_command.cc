#include "tools/bench/bench.h"
#include "tools/commands.h"

namespace foreword::tools {

int run_bench(const bench::BenchOptions& options) {
  const auto problem = bench::problem_with(options);
  if (!problem.empty()) {
    fail(problem);
    return kUsage;
  }
  bench::run(options);
  return kDone;
}

}  // namespace foreword::tools
