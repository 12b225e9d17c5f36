// What a killed process leaves behind. The child is this test run again in a process of its own
// (GoogleTest's "threadsafe" death test), since a fork would not take RocksDB's threads along.
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include <gtest/gtest.h>

#include "cache/ledger.h"
#include "support/temp_dir.h"
#include "unit/cache/rows.h"

namespace foreword::cache::test {
namespace {

constexpr const char* kStoreVariable = "FOREWORD_TEST_KILLED_STORE";
constexpr std::int64_t kFlushedRows = 3000;

/// Never returns: the rest of the rows are anywhere between the queue and the disk at the kill.
void write_until_killed(const std::filesystem::path& path) {
  const auto store = Store::open(path).value();
  // The interval is far away: what survives is due to the log alone, not to a sync.
  LedgerWriter writer(*store, std::chrono::hours(1), nullptr);
  for (std::int64_t i = 0; i < kFlushedRows; ++i) writer.append(smallest_row(i));
  writer.flush();
  for (std::int64_t i = 0; i < 500; ++i) writer.append(smallest_row(kFlushedRows + i));
  ::raise(SIGKILL);
}

TEST(KilledProcessDeathTest, loses_no_row_that_a_flush_covered) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  std::optional<foreword::test::TempDir> folder;
  if (std::getenv(kStoreVariable) == nullptr) {  // else this is the child
    folder.emplace();
    ::setenv(kStoreVariable, (folder->path() / "store").c_str(), 1);
  }
  const std::filesystem::path path = std::getenv(kStoreVariable);
  EXPECT_EXIT(write_until_killed(path), testing::KilledBySignal(SIGKILL), "");
  ::unsetenv(kStoreVariable);

  const auto store = Store::open(path).value();
  for (std::int64_t i = 0; i < kFlushedRows; ++i) {
    ASSERT_TRUE(find_row(*store, smallest_row(i).id).value()) << i;
  }
}

}  // namespace
}  // namespace foreword::cache::test
