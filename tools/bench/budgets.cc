#include "tools/bench/budgets.h"

#include <array>
#include <vector>

#include "tools/bench/names.h"
#include "tools/bench/statistics.h"

namespace foreword::bench {
namespace {

using namespace candidates;
using namespace points;

/// Our processor time over theirs, both with everything on that the candidate has.
constexpr Budget cpu_ratio(std::string_view figure, std::string_view point, std::string_view ours,
                           std::string_view theirs, double budget, double stretch) {
  return {figure,
          "x",
          Series{measures::kCpu, ours, point},
          Series{measures::kCpu, theirs, point},
          Bound::at_most,
          budget,
          stretch};
}

constexpr Budget latency_ratio(std::string_view point, double budget, double stretch) {
  return {"added p50 against nginx, streaming",
          "x",
          Series{measures::kAddedP50, kForeword, point},
          Series{measures::kAddedP50, kNginxStreaming, point},
          Bound::at_most,
          budget,
          stretch};
}

constexpr Budget portkey_ratio(std::string_view point, double budget, double stretch) {
  return {"Portkey's CPU over ours",
          "x",
          Series{measures::kCpu, kPortkey, point},
          Series{measures::kCpu, kForeword, point},
          Bound::at_least,
          budget,
          stretch};
}

constexpr Budget absolute(std::string_view figure, std::string_view unit, const Series& ours,
                          double budget, double stretch) {
  return {figure, unit, ours, std::nullopt, Bound::at_most, budget, stretch};
}

constexpr std::string_view kStreaming = "CPU against nginx, streaming";
constexpr std::string_view kStoring = "CPU against nginx, store and forward";
constexpr std::string_view kAgainstHaproxy = "CPU against haproxy";
constexpr std::string_view kOff = "mode off: CPU against a raw epoll relay";

constexpr std::array kBudgets{
    cpu_ratio(kStreaming, k1K, kForeword, kNginxStreaming, 0.90, 0.75),
    cpu_ratio(kStreaming, k100K, kForeword, kNginxStreaming, 0.80, 0.65),
    cpu_ratio(kStreaming, k1M, kForeword, kNginxStreaming, 0.95, 0.80),
    cpu_ratio(kStoring, k100K, kForeword, kNginxStoring, 1.10, 0.95),
    cpu_ratio(kStoring, k1M, kForeword, kNginxStoring, 1.10, 0.95),
    cpu_ratio(kStoring, k4M, kForeword, kNginxStoring, 1.10, 0.95),
    cpu_ratio(kAgainstHaproxy, k1K, kForeword, kHaproxy, 1.0, 0.85),
    cpu_ratio(kAgainstHaproxy, k1M, kForeword, kHaproxy, 0.85, 0.70),
    cpu_ratio(kAgainstHaproxy, k4M, kForeword, kHaproxy, 0.75, 0.60),
    cpu_ratio(kOff, k1K, kForewordOff, kRelay, 1.15, 1.05),
    cpu_ratio(kOff, k1M, kForewordOff, kRelay, 1.15, 1.05),
    cpu_ratio("CPU of an 800 KB KB before 1 KB, against relaying", k800K, kForewordKb, kForewordOff,
              0.55, 0.45),
    cpu_ratio("CPU of a 4 MB KB before 1 KB, against relaying", k4M, kForewordLargeKb, kForewordOff,
              0.55, 0.45),
    portkey_ratio(k1K, 50, 80),
    portkey_ratio(k100K, 50, 100),
    portkey_ratio(k1M, 40, 75),
    portkey_ratio(k4M, 35, 55),
    latency_ratio(k1K, 1.0, 0.8),
    latency_ratio(k100K, 1.15, 1.0),
    latency_ratio(k1M, 1.4, 1.2),
    absolute("memory per idle keep-alive connection", "kB",
             Series{measures::kIdleConnection, kForeword, "1000"}, 4, 3),
    absolute("memory per open stream", "kB", Series{measures::kStreamMemory, kForeword, "200"}, 8,
             5),
    absolute("resident memory, RocksDB open", "MB", Series{measures::kResident, kForeword, kAtRest},
             20, 15),
    Budget{"TLS send upstream, against asio::ssl::stream", "x",
           Series{measures::kTlsSend, kForeword, k1M},
           Series{measures::kTlsSend, kAsioSslStream, k1M}, Bound::at_most, 0.75, 0.60},
    absolute("planner", "us", Series{measures::kPlan, kForeword, k1000Segments}, 20, 5),
    absolute("ledger: CPU on the request's thread", "us",
             Series{measures::kLedgerAppend, kForeword, "under load"}, 5, 2),
    absolute("ledger: CPU on the request's thread", "us",
             Series{measures::kLedgerAppend, kForeword, "now and then"}, 5, 2),
    absolute("ledger: a row is on disk within", "ms",
             Series{measures::kLedgerSync, kForeword, "fsync every 1000 ms"}, 1000, 1000),
    absolute("ledger: a row is on disk within", "ms",
             Series{measures::kLedgerSync, kForeword, "fsync every 25 ms"}, 25, 25),
    // Of 1 million rows, with --scale 10 of 10 million: what is read are days and groups.
    absolute("/api/savings over a year", "ms", Series{measures::kSavings, kForeword, points::kYear},
             100, 10),
    absolute("/api/savings over a year", "ms",
             Series{measures::kSavings, kForeword, points::kYearByLabel}, 100, 10),
};

constexpr std::array kOpenBudgets{
    OpenBudget{"clean build on 2 cores", "6 min, stretch 3", "not measured by this command"},
};

bool keeps(double value, double limit, Bound bound) {
  return bound == Bound::at_most ? value <= limit : value >= limit;
}

}  // namespace

std::span<const Budget> budgets() {
  return kBudgets;
}

std::span<const OpenBudget> open_budgets() {
  return kOpenBudgets;
}

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::missed:
      return "MISSED";
    case Verdict::kept:
      return "kept";
    case Verdict::stretch:
      return "stretch";
    case Verdict::not_measured:
      break;
  }
  return "not measured";
}

Judgement judge(const Budget& budget, const Results& results) {
  const auto ours = results.find(budget.ours);
  std::vector<double> values(ours.begin(), ours.end());
  if (budget.theirs) values = ratios(ours, results.find(*budget.theirs));
  if (values.empty()) return {};
  const double value = median(values);
  if (keeps(value, budget.stretch, budget.bound)) return {Verdict::stretch, value};
  if (keeps(value, budget.budget, budget.bound)) return {Verdict::kept, value};
  return {Verdict::missed, value};
}

}  // namespace foreword::bench
