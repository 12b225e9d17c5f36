// What a killed process leaves behind. The child is this test run again in a process of its own
// (GoogleTest's "threadsafe" death test), since a fork would not take RocksDB's threads along.
#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <utility>

#include <gtest/gtest.h>

#include "cache/ledger.h"
#include "support/temp_dir.h"
#include "unit/cache/rows.h"
#include "unit/cache/sums_of_rows.h"

namespace foreword::cache::test {
namespace {

constexpr const char* kStoreVariable = "FOREWORD_TEST_KILLED_STORE";
constexpr std::int64_t kFlushedRows = 3000;

/// A third of them settled later, in another group or in the same.
LedgerRow row_number(std::int64_t number) {
  LedgerRow row = smallest_row(number * 60'000);
  row.model = number % 2 == 0 ? "claude" : "gpt";
  row.priced = true;
  row.cost_actual = number + 1;
  row.cost_uncached = 3 * number;
  return row;
}

void append(LedgerWriter& writer, std::int64_t number) {
  writer.append(row_number(number));
  if (number % 3 != 0) return;
  LedgerRow settled = row_number(std::max<std::int64_t>(0, number - 300));
  settled.model = "as answered";
  settled.cost_actual *= 7;
  writer.append(std::move(settled));
}

/// Never returns: the rest of the rows are anywhere between the queue and the disk at the kill.
void write_until_killed(const std::filesystem::path& path) {
  const auto store = Store::open(path).value();
  // The interval is far away: what survives is due to the log alone, not to a sync.
  LedgerWriter writer(*store, std::chrono::hours(1), nullptr);
  for (std::int64_t i = 0; i < kFlushedRows; ++i) append(writer, i);
  writer.flush();
  for (std::int64_t i = 0; i < 500; ++i) append(writer, kFlushedRows + i);
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
    ASSERT_TRUE(find_row(*store, row_number(i).id).value()) << i;
  }
  // However far the kill let the writer get: rows and sums are written together.
  expect_sums_agree_with_rows(*store);
}

}  // namespace
}  // namespace foreword::cache::test
