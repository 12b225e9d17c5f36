#include "tools/bench/session.h"

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>

#include <fmt/format.h>

#include "tools/bench/process_stats.h"

namespace foreword::bench {

TempFolder::TempFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "foreword_bench_XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr)
    throw std::system_error(errno, std::generic_category(), "cannot make a temporary folder");
  path_ = pattern;
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

RunningProxy start_pinned(const Session& session, const Candidate& candidate) {
  auto proxy = candidate.start(session.site);
  if (session.cores) pin(proxy.process.pid(), session.cores->proxy);
  return proxy;
}

std::size_t rotated(std::size_t i, std::size_t repeat, std::size_t count) {
  return (i + repeat) % count;
}

void say(std::string_view what) {
  fmt::print(stderr, "bench: {}\n", what);
}

}  // namespace foreword::bench
