#include "cache/ledger.h"

#include <atomic>
#include <csignal>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "config/limits.h"
#include "unit/cache/rows.h"
#include "unit/cache/store_fixture.h"

namespace foreword::cache::test {
namespace {

using namespace std::chrono_literals;
using Ids = std::vector<RequestId>;

class LedgerTest : public StoreFixture {
 protected:
  LedgerTest() { start_writer(); }
  ~LedgerTest() override { stop_writer(); }

  void start_writer(std::chrono::milliseconds fsync_interval = 1s) {
    writer_ = std::make_unique<LedgerWriter>(store(), fsync_interval, [this](std::string_view e) {
      const std::lock_guard lock(mutex_);
      errors_.emplace_back(e);
    });
  }
  void stop_writer() { writer_.reset(); }
  void restart() {
    stop_writer();
    reopen();
    start_writer();
  }
  [[nodiscard]] LedgerWriter& writer() { return *writer_; }
  void record(const LedgerRow& row) {
    writer_->append(row);
    writer_->flush();
  }
  [[nodiscard]] std::optional<LedgerRow> find(const LedgerRow& row) {
    return find_row(store(), row.id).value();
  }
  [[nodiscard]] Ids rows_in(const TimeRange& range) {
    Ids ids;
    EXPECT_TRUE(for_each_row(store(), range, [&](const LedgerRow& row) {
      ids.push_back(row.id);
      return true;
    }));
    return ids;
  }
  [[nodiscard]] Ids latest(std::size_t limit, const std::optional<RequestId>& before = {}) {
    Ids ids;
    for (const auto& row : latest_rows(store(), limit, before).value()) ids.push_back(row.id);
    return ids;
  }
  /// Rows one millisecond apart.
  Ids record_rows(std::int64_t count) {
    Ids ids;
    for (std::int64_t i = 0; i < count; ++i) {
      const LedgerRow row = smallest_row(i);
      ids.push_back(row.id);
      writer_->append(row);
    }
    writer_->flush();
    return ids;
  }
  void damage(const LedgerRow& row) {
    put(Family::ledger, {row.id.bytes.begin(), row.id.bytes.end()}, "garbage");
  }
  [[nodiscard]] std::vector<std::string> errors() {
    const std::lock_guard lock(mutex_);
    return errors_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> errors_;
  std::unique_ptr<LedgerWriter> writer_;
};

TEST_F(LedgerTest, a_recorded_row_is_found_by_its_id) {
  record(full_row());
  expect_same(find(full_row()).value(), full_row());
}

TEST_F(LedgerTest, an_unknown_id_is_nothing) {
  EXPECT_FALSE(find(full_row()));
}

TEST_F(LedgerTest, rows_survive_reopening) {
  record(full_row());
  restart();
  expect_same(find(full_row()).value(), full_row());
}

TEST_F(LedgerTest, the_writer_writes_what_is_queued_before_it_is_gone) {
  for (int i = 0; i < 5000; ++i) writer().append(smallest_row(i));
  stop_writer();
  EXPECT_EQ(count(Family::ledger), 5000u);
}

TEST_F(LedgerTest, rows_count_as_synced_once_a_sync_has_taken_them) {
  {
    LedgerWriter patient(store(), 24h, nullptr);
    patient.append(smallest_row(1));
    patient.flush();
    EXPECT_EQ(patient.synced(), 0u);
  }
  LedgerWriter hasty(store(), 0ms, nullptr);
  hasty.append(smallest_row(2));
  const auto end = std::chrono::steady_clock::now() + 10s;
  while (hasty.synced() == 0 && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  EXPECT_EQ(hasty.synced(), 1u);
}

TEST_F(LedgerTest, an_interval_of_nothing_syncs_every_group) {
  stop_writer();
  start_writer(0ms);
  record(full_row());
  EXPECT_TRUE(find(full_row()));
}

TEST_F(LedgerTest, a_settled_row_replaces_its_provisional_one) {
  LedgerRow row = smallest_row();
  record(row);
  EXPECT_EQ(find(row)->outcome, Outcome::provisional);
  row.outcome = Outcome::complete;
  record(row);
  EXPECT_EQ(find(row)->outcome, Outcome::complete);
  EXPECT_EQ(count(Family::ledger), 1u);
}

TEST_F(LedgerTest, both_rows_of_an_id_in_one_group_leave_the_later) {
  for (int i = 0; i < 2000; ++i) {
    LedgerRow row = smallest_row(i);
    writer().append(row);
    row.outcome = Outcome::complete;
    writer().append(std::move(row));
  }
  writer().flush();
  std::size_t settled = 0;
  ASSERT_TRUE(for_each_row(store(), {}, [&](const LedgerRow& row) {
    settled += row.outcome == Outcome::complete;
    return true;
  }));
  EXPECT_EQ(settled, 2000u);
}

TEST_F(LedgerTest, a_flush_after_each_row_finds_it_written) {
  for (std::int64_t i = 0; i < 300; ++i) {
    record(smallest_row(i));
    ASSERT_TRUE(find(smallest_row(i))) << i;
  }
}

TEST_F(LedgerTest, eight_threads_at_once_lose_nothing) {
  constexpr std::int64_t kThreads = 8;
  constexpr std::int64_t kRows = 10'000;
  static_assert(kThreads * kRows * sizeof(LedgerRow) < config::limits::kLedgerQueueBytes);
  std::vector<std::thread> threads;
  for (std::int64_t thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([this, thread] {
      for (std::int64_t i = 0; i < kRows; ++i) {
        writer().append(smallest_row(i, static_cast<std::uint64_t>(thread)));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  writer().flush();
  const Ids ids = rows_in({});
  EXPECT_EQ(ids.size(), static_cast<std::size_t>(kThreads * kRows));
  EXPECT_EQ(std::set<RequestId>(ids.begin(), ids.end()).size(), ids.size());
}

TEST_F(LedgerTest, rows_come_oldest_first) {
  const Ids ids = record_rows(5);
  EXPECT_EQ(rows_in({}), ids);
}

TEST_F(LedgerTest, a_range_is_half_open) {
  const Ids ids = record_rows(6);
  EXPECT_EQ(rows_in({at_ms(2), at_ms(4)}), (Ids{ids[2], ids[3]}));
  EXPECT_EQ(rows_in({at_ms(4), std::nullopt}), (Ids{ids[4], ids[5]}));
  EXPECT_EQ(rows_in({std::nullopt, at_ms(1)}), Ids{ids[0]});
}

TEST_F(LedgerTest, an_empty_or_reversed_range_has_no_rows) {
  record_rows(3);
  EXPECT_EQ(rows_in({at_ms(1), at_ms(1)}), Ids{});
  EXPECT_EQ(rows_in({at_ms(2), at_ms(0)}), Ids{});
}

TEST_F(LedgerTest, absurd_bounds_are_no_bounds) {
  const Ids ids = record_rows(3);
  EXPECT_EQ(rows_in({config::TimePoint::min(), config::TimePoint::max()}), ids);
}

TEST_F(LedgerTest, a_visit_stops_when_told) {
  record_rows(5);
  int visits = 0;
  ASSERT_TRUE(for_each_row(store(), {}, [&](const LedgerRow&) { return ++visits < 2; }));
  EXPECT_EQ(visits, 2);
}

TEST_F(LedgerTest, pages_go_from_the_newest_to_the_oldest) {
  const Ids ids = record_rows(5);
  EXPECT_EQ(latest(2), (Ids{ids[4], ids[3]}));
  EXPECT_EQ(latest(2, ids[3]), (Ids{ids[2], ids[1]}));
  EXPECT_EQ(latest(2, ids[1]), Ids{ids[0]});
  EXPECT_EQ(latest(2, ids[0]), Ids{});
  EXPECT_EQ(latest(0), Ids{});
  EXPECT_EQ(latest(100), Ids(ids.rbegin(), ids.rend()));
}

TEST_F(LedgerTest, a_damaged_row_is_an_error_that_names_it_and_no_sum_without_it) {
  record_rows(3);
  const LedgerRow bad = smallest_row(1);
  damage(bad);
  const auto found = find_row(store(), bad.id);
  ASSERT_FALSE(found);
  EXPECT_NE(found.error().message.find(to_text(bad.id)), std::string::npos);
  EXPECT_FALSE(for_each_row(store(), {}, [](const LedgerRow&) { return true; }));
  EXPECT_FALSE(latest_rows(store(), 3, std::nullopt));
  EXPECT_TRUE(latest_rows(store(), 1, std::nullopt));
}

TEST_F(LedgerTest, a_row_under_another_ones_id_is_an_error) {
  const LedgerRow row = smallest_row(1);
  put(Family::ledger, {row.id.bytes.begin(), row.id.bytes.end()}, encode(smallest_row(2)).value());
  EXPECT_FALSE(find_row(store(), row.id));
}

TEST_F(LedgerTest, a_row_that_could_not_be_read_back_is_reported_and_spoils_nothing) {
  LedgerRow impossible = smallest_row(1);
  impossible.provider = config::Provider{};
  writer().append(impossible);
  record(full_row());
  EXPECT_EQ(rows_in({}), Ids{full_row().id});
  ASSERT_EQ(errors().size(), 1u);
  EXPECT_NE(errors()[0].find(to_text(impossible.id)), std::string::npos);
}

/// Makes every write to a file beyond `bytes` fail, as a full or broken disk does.
class NoSpaceBeyond {
 public:
  explicit NoSpaceBeyond(rlim_t bytes) {
    old_handler_ = std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &old_limit_);
    rlimit limit = old_limit_;
    limit.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~NoSpaceBeyond() { end(); }
  NoSpaceBeyond(const NoSpaceBeyond&) = delete;
  NoSpaceBeyond& operator=(const NoSpaceBeyond&) = delete;
  void end() {
    ::setrlimit(RLIMIT_FSIZE, &old_limit_);
    std::signal(SIGXFSZ, old_handler_);
  }

 private:
  rlimit old_limit_{};
  void (*old_handler_)(int) = nullptr;
};

class FailingDiskTest : public LedgerTest {
 protected:
  /// Appends rows until the disk refuses one.
  void append_until_it_fails() {
    while (errors().empty()) {
      writer().append(smallest_row(static_cast<std::int64_t>(appended_++)));
      std::this_thread::yield();
    }
  }
  void append_until_one_is_dropped() {
    while (writer().dropped() == 0) {
      ASSERT_LT(appended_ * sizeof(LedgerRow), 2 * config::limits::kLedgerQueueBytes);
      writer().append(smallest_row(static_cast<std::int64_t>(appended_++)));
    }
  }
  void expect_every_row() { EXPECT_EQ(count(Family::ledger), appended_); }
  [[nodiscard]] std::size_t appended() const { return appended_; }

 private:
  std::size_t appended_ = 0;
};

TEST_F(FailingDiskTest, every_row_is_there_when_it_has_recovered) {
  NoSpaceBeyond disk(0);
  append_until_it_fails();
  disk.end();
  writer().flush();
  expect_every_row();
  restart();
  expect_every_row();
}

TEST_F(FailingDiskTest, a_file_that_fails_in_the_middle_of_a_row_costs_no_row) {
  NoSpaceBeyond disk(100'000);
  append_until_it_fails();
  disk.end();
  writer().flush();
  expect_every_row();
  restart();
  expect_every_row();
}

TEST_F(FailingDiskTest, is_reported_once_for_a_run_of_failures_and_the_loss_is_told_at_the_end) {
  const NoSpaceBeyond disk(0);
  append_until_it_fails();
  stop_writer();
  ASSERT_EQ(errors().size(), 2u);
  EXPECT_NE(errors()[0].find("cannot write to the store"), std::string::npos) << errors()[0];
  EXPECT_NE(errors()[1].find("rows are lost"), std::string::npos) << errors()[1];
}

TEST_F(FailingDiskTest, rows_are_kept_up_to_the_bound_then_dropped_and_counted) {
  NoSpaceBeyond disk(0);
  append_until_one_is_dropped();
  EXPECT_EQ(writer().dropped(), 1u);
  disk.end();
  writer().flush();
  EXPECT_EQ(count(Family::ledger) + 1, appended());
  writer().append(smallest_row(-1));
  writer().flush();
  EXPECT_EQ(writer().dropped(), 1u) << "there is room again";
}

TEST_F(FailingDiskTest, the_end_tells_every_lost_row_in_one_line) {
  const NoSpaceBeyond disk(0);
  append_until_one_is_dropped();
  stop_writer();
  ASSERT_FALSE(errors().empty());
  const auto told = errors().back();
  EXPECT_TRUE(told.starts_with(std::to_string(appended()) + " ledger rows are lost")) << told;
}

TEST_F(FailingDiskTest, a_flush_ends_although_the_store_keeps_failing_and_the_rows_are_kept) {
  NoSpaceBeyond disk(0);
  append_until_it_fails();
  writer().flush();  // would never return if it waited for the rows alone
  disk.end();
  writer().flush();
  expect_every_row();
}

TEST_F(FailingDiskTest, reading_fails_without_a_crash_while_the_store_is_closed) {
  NoSpaceBeyond disk(0);
  append_until_it_fails();
  stop_writer();
  EXPECT_FALSE(find_row(store(), full_row().id));
  EXPECT_FALSE(latest_rows(store(), 1, std::nullopt));
  EXPECT_FALSE(store().sync());
}

}  // namespace
}  // namespace foreword::cache::test
