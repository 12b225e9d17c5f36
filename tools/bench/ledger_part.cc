// What the ledger costs the thread that serves requests, and how soon a row is safe on disk.

#include <chrono>
#include <ctime>
#include <stdexcept>

#include <fmt/format.h>

#include "cache/ledger.h"
#include "tools/bench/interrupt.h"
#include "tools/bench/names.h"
#include "tools/bench/session.h"
#include "tools/bench/statistics.h"

namespace foreword::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kLedger = candidates::kForeword;
constexpr std::size_t kBusyGroup = 16;
constexpr std::size_t kQuietRows = 200;
constexpr auto kPatience = 10s;
constexpr std::size_t kShortSyncs = 40;
constexpr std::size_t kLongSyncs = 3;

double thread_cpu_us() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

cache::LedgerRow row_number(std::uint64_t number) {
  cache::LedgerRow row;
  row.started = std::chrono::system_clock::now();
  row.id = cache::make_request_id(row.started, static_cast<std::uint16_t>(number), number);
  row.provider = config::Provider::anthropic;
  row.operation = config::Operation::messages;
  row.upstream = "anthropic";
  row.model = "claude-sonnet-5-5";
  row.placement = "none";
  row.status = 200;
  row.outcome = cache::Outcome::complete;
  row.usage_source = cache::UsageSource::reported;
  row.tokens[config::TokenClass::input] = 25;
  row.tokens[config::TokenClass::output] = 27;
  row.priced = true;
  row.price_version = "2026-10-08";
  row.request_bytes = 1'024;
  return row;
}

/// Rows as fast as a full processor serves small requests: one each 50 us.
void append_under_load(Session& session, cache::LedgerWriter& writer) {
  double spent = 0;
  std::size_t rows = 0;
  auto next = std::chrono::steady_clock::now();
  while (rows < session.plan.ledger_rows) {
    const auto before = thread_cpu_us();
    for (std::size_t i = 0; i < kBusyGroup; ++i) writer.append(row_number(rows + i));
    spent += thread_cpu_us() - before;
    rows += kBusyGroup;
    next += kBusyGroup * 50us;
    while (std::chrono::steady_clock::now() < next) check_interrupt();
  }
  session.results.add({measures::kLedgerAppend, kLedger, "under load"},
                      spent / static_cast<double>(rows));
}

/// One now and then: each has to wake the writer.
void append_now_and_then(Session& session, cache::LedgerWriter& writer) {
  std::vector<double> each;
  for (std::size_t i = 0; i < kQuietRows; ++i) {
    pause_for(3ms);
    const auto before = thread_cpu_us();
    writer.append(row_number(i));
    each.push_back(thread_cpu_us() - before);
  }
  session.results.add({measures::kLedgerAppend, kLedger, "now and then"}, median(each));
}

/// From a row's append until a power cut could not take it any more: the worst of some.
void measure_sync(Session& session, cache::Store& store, std::chrono::milliseconds interval,
                  std::size_t times) {
  cache::LedgerWriter writer(store, interval, nullptr);
  double worst_ms = 0;
  for (std::size_t i = 0; i < times; ++i) {
    const auto began = std::chrono::steady_clock::now();
    writer.append(row_number(i));
    while (writer.synced() <= i) {
      if (std::chrono::steady_clock::now() > began + kPatience) {
        throw std::runtime_error("a ledger row does not get to the disk");
      }
      pause_for(1ms);
    }
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - began;
    worst_ms = std::max(worst_ms, took.count());
  }
  const auto point = fmt::format("fsync every {} ms", interval.count());
  session.results.add({measures::kLedgerSync, kLedger, point}, worst_ms);
}

}  // namespace

void measure_ledger(Session& session) {
  say("the ledger");
  auto store = cache::Store::open(session.site.folder / "ledger");
  if (!store) throw std::runtime_error(store.error().message);
  {
    cache::LedgerWriter writer(**store, 1h, nullptr);
    append_under_load(session, writer);
    append_now_and_then(session, writer);
  }
  measure_sync(session, **store, 25ms, kShortSyncs);
  measure_sync(session, **store, 1'000ms, kLongSyncs);
}

}  // namespace foreword::bench
