#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "tools/bench/budgets.h"
#include "tools/bench/candidates.h"
#include "tools/bench/names.h"
#include "tools/bench/report.h"
#include "tools/bench/statistics.h"

namespace foreword::bench {
namespace {

/// One table: candidates down, points across.
struct Table {
  std::string_view measure;
  std::string_view title;
  int digits = 0;
  bool least = false;  // the smallest repeat, in brackets
};

constexpr std::array kTables{
    Table{measures::kCpu, "CPU of the proxy per request, microseconds: median (min)", 1, true},
    Table{measures::kRate, "requests a second, one core for the proxy", 0, false},
    Table{measures::kDirectP50, "p50 of the request without a proxy, microseconds", 1, false},
    Table{measures::kAddedP50, "added p50 at one connection, one core for all, microseconds", 1,
          false},
    Table{measures::kAddedP99, "added p99 at one connection, one core for all, microseconds", 1,
          false},
    Table{measures::kResident, "resident memory, MB", 1, false},
    Table{measures::kIdleConnection, "memory per idle keep-alive connection, kB, of how many", 2,
          false},
    Table{measures::kStreamMemory, "memory per open stream, kB, of how many", 2, false},
    Table{measures::kEventCpu, "CPU of the proxy per event of a stream, microseconds", 1, false},
    Table{measures::kWorstStall, "the latest event of all streams, milliseconds late", 1, false},
    Table{measures::kTlsSend, "TLS send to an upstream, microseconds of CPU", 0, true},
    Table{measures::kPlan, "planner, microseconds", 2, true},
    Table{measures::kLedgerAppend, "ledger: CPU of one append, microseconds", 2, false},
    Table{measures::kLedgerSync, "ledger: on disk within, milliseconds", 1, false},
    Table{measures::kLedgerWrite, "ledger: CPU of a row off the request's thread, microseconds", 2,
          false},
    Table{measures::kSavings, "/api/savings, milliseconds", 1, false},
    Table{measures::kSavingsRows, "/api/savings, of how many rows", 0, false},
};

constexpr std::array kPointOrder{points::k1K, points::k100K, points::k800K, points::k1M,
                                 points::k4M};

/// Sizes in their order; numbers of connections by number; others behind.
std::size_t rank_of_point(std::string_view point) {
  std::size_t number = 0;
  const auto* end = point.data() + point.size();
  if (std::from_chars(point.data(), end, number).ptr == end) return number;
  return static_cast<std::size_t>(std::ranges::find(kPointOrder, point) - kPointOrder.begin());
}

std::size_t rank_of_candidate(std::string_view name) {
  const auto& all = all_candidates();
  return static_cast<std::size_t>(std::ranges::find(all, name, &Candidate::name) - all.begin());
}

std::string title_of(std::string_view name) {
  const auto* candidate = find_candidate(name);
  return std::string(candidate == nullptr ? name : candidate->title);
}

template <class Rank>
void insert_in_order(std::vector<std::string>& names, const std::string& name, Rank rank) {
  if (std::ranges::find(names, name) != names.end()) return;
  const auto after = [&](const std::string& other) { return rank(other) > rank(name); };
  names.insert(std::ranges::find_if(names, after), name);
}

std::string cell(const Table& table, std::span<const double> samples) {
  if (samples.empty()) return "-";
  const auto middle = fmt::format("{:.{}f}", median(samples), table.digits);
  if (!table.least) return middle;
  return fmt::format("{} ({:.{}f})", middle, least(samples), table.digits);
}

std::string text_of(const Table& table, const Results& results) {
  std::vector<std::string> across;
  std::vector<std::string> down;
  for (const auto& [key, samples] : results.all()) {
    if (key.measure != table.measure) continue;
    insert_in_order(across, key.point, rank_of_point);
    insert_in_order(down, key.candidate, rank_of_candidate);
  }
  if (down.empty()) return {};
  std::string out = fmt::format("{}\n\n{:<32}", table.title, "");
  for (const auto& point : across) out += fmt::format("  {:>19}", point);
  out += '\n';
  for (const auto& candidate : down) {
    out += fmt::format("{:<32}", title_of(candidate));
    for (const auto& point : across) {
      out += fmt::format("  {:>19}", cell(table, results.find({table.measure, candidate, point})));
    }
    out += '\n';
  }
  return out + "\n";
}

std::string number(double value) {
  return value < 10 ? fmt::format("{:.2f}", value) : fmt::format("{:.1f}", value);
}

std::string budget_line(const Budget& budget, const Results& results) {
  const auto [verdict, value] = judge(budget, results);
  const auto* bound = budget.bound == Bound::at_most ? "<=" : ">=";
  return fmt::format("{:<50} {:<20} {:>9} {:<3} {} {:<6} {} {:<6} {}\n", budget.figure,
                     budget.ours.point, verdict == Verdict::not_measured ? "-" : number(value),
                     budget.unit, bound, budget.budget, bound, budget.stretch, name_of(verdict));
}

std::string budget_table(const Results& results) {
  auto out = fmt::format("{:<50} {:<20} {:>9} {:<3} {:<9} {:<9}\n", "budget", "", "today", "",
                         "budget", "stretch");
  for (const auto& budget : budgets()) out += budget_line(budget, results);
  for (const auto& open : open_budgets()) {
    out += fmt::format("{:<50} {:<20} {:>9}     {}: {}\n", open.figure, "", "-", open.budget,
                       open.why);
  }
  return out;
}

}  // namespace

std::string text_report(const RunFacts& facts, const Results& results) {
  std::string out;
  for (const auto& [name, value] : facts.lines) out += fmt::format("{:<12} {}\n", name, value);
  out += '\n';
  for (const auto& table : kTables) out += text_of(table, results);
  out += budget_table(results);
  if (!results.skipped.empty()) out += "\nleft out:\n";
  for (const auto& line : results.skipped) out += fmt::format("  {}\n", line);
  return out;
}

}  // namespace foreword::bench
