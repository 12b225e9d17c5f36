#include "tools/start_up_pages.h"

#include <fstream>

#include <gtest/gtest.h>

namespace foreword::tools {
namespace {

/// Pages of files that are in memory, writable ones of theirs not counted.
std::size_t resident_file_pages() {
  std::ifstream file("/proc/self/statm");
  std::size_t size = 0;
  std::size_t resident = 0;
  std::size_t of_files = 0;
  file >> size >> resident >> of_files;
  return of_files;
}

TEST(StartUpPages, CodeThatRanOnceTakesNoMemoryAfterwards) {
  const auto before = resident_file_pages();
  release_start_up_pages();
  EXPECT_LT(resident_file_pages(), before);
}

}  // namespace
}  // namespace foreword::tools
