#include "proxy/row_sweeper.h"

#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include "cache/retention.h"
#include "proxy/log.h"

namespace foreword::proxy {
namespace {

using namespace std::chrono_literals;

/// Of which one takes a few milliseconds.
constexpr std::size_t kRowsAtOnce = 1'000;
constexpr std::chrono::milliseconds kBetweenSteps = 20ms;
/// Whole hours are deleted.
constexpr std::chrono::milliseconds kBetweenLooks = 15min;

}  // namespace

RowSweeper::RowSweeper(cache::Store& store, std::chrono::days keep,
                       std::function<config::TimePoint()> now)
    : store_(store), keep_(keep), now_(std::move(now)), thread_([this] { run(); }) {}

RowSweeper::~RowSweeper() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_all();
  thread_.join();
}

void RowSweeper::run() {
  do {
    sweep();
  } while (pause(kBetweenLooks));
}

void RowSweeper::sweep() {
  std::uint64_t deleted = 0;
  bool more = true;
  while (more) {
    const auto swept = cache::sweep_rows(store_, now_() - keep_, kRowsAtOnce);
    if (!swept) return log_error("ledger", swept.error().message);
    deleted += swept->deleted;
    more = swept->more && pause(kBetweenSteps);
  }
  if (deleted == 0) return;
  log_info("ledger", fmt::format("deleted {} rows older than {} days; the sums over them stay",
                                 deleted, keep_.count()));
}

bool RowSweeper::pause(std::chrono::milliseconds duration) {
  std::unique_lock lock(mutex_);
  return !stop_.wait_for(lock, duration, [this] { return stopping_; });
}

}  // namespace foreword::proxy
