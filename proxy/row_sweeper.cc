#include "proxy/row_sweeper.h"

#include <cstdint>

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

void sweep_once(Background& background, cache::Store& store, std::chrono::days keep,
                config::TimePoint now) {
  std::uint64_t deleted = 0;
  bool more = true;
  while (more) {
    const auto swept = cache::sweep_rows(store, now - keep, kRowsAtOnce);
    if (!swept) return log_error("ledger", swept.error().message);
    deleted += swept->deleted;
    more = swept->more && background.pause(kBetweenSteps);
  }
  if (deleted == 0) return;
  log_info("ledger", fmt::format("deleted {} rows older than {} days; the sums over them stay",
                                 deleted, keep.count()));
}

}  // namespace

void sweep_rows(Background& background, cache::Store& store, std::chrono::days keep,
                const std::function<config::TimePoint()>& now) {
  do {
    sweep_once(background, store, keep, now());
  } while (background.pause(kBetweenLooks));
}

}  // namespace foreword::proxy
