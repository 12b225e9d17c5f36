#include "tools/bench/plan.h"

#include <algorithm>
#include <cmath>

#include "tools/bench/names.h"

namespace foreword::bench {
namespace {

constexpr std::size_t kRepeats = 7;
constexpr std::size_t kQuickRepeats = 3;
constexpr double kQuickScale = 0.4;

std::size_t scaled(std::size_t number, double scale) {
  return std::max<std::size_t>(
      1, static_cast<std::size_t>(std::llround(static_cast<double>(number) * scale)));
}

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return names.empty() || std::ranges::find(names, name) != names.end();
}

}  // namespace

Plan make_plan(const BenchOptions& options) {
  Plan plan;
  plan.repeats = options.quick ? kQuickRepeats : kRepeats;
  if (options.repeats > 0) plan.repeats = options.repeats;
  // A burst takes a tenth to a third of a second: long against its edges, short against what else
  // the machine does.
  plan.cpu = {{points::k1K, 1'024, 16, 10'000},
              {points::k100K, 100 * 1'024, 16, 2'500},
              {points::k800K, 800'000, 8, 400},
              {points::k1M, 1'048'576, 8, 350},
              {points::k4M, 4 * 1'048'576, 8, 80}};
  plan.latency = {{points::k1K, 1'024, 1, 4'000},
                  {points::k100K, 100 * 1'024, 1, 1'500},
                  {points::k1M, 1'048'576, 1, 250}};
  plan.idle_connections = {1'000};
  if (options.connections > 0) plan.idle_connections.push_back(options.connections);
  plan.streams = {200};
  if (!options.quick) plan.streams.push_back(1'000);
  plan.stream_events = 30;
  plan.stream_interval_ms = 100;
  plan.ledger_rows = 100'000;
  plan.savings_rows = 1'000'000;

  const auto scale = options.scale * (options.quick ? kQuickScale : 1);
  for (auto* points : {&plan.cpu, &plan.latency}) {
    std::erase_if(*points, [&](const Point& p) { return !contains(options.sizes, p.name); });
    for (auto& point : *points) point.requests = scaled(point.requests, scale);
  }
  plan.ledger_rows = scaled(plan.ledger_rows, scale);
  plan.savings_rows = scaled(plan.savings_rows, scale);
  if (options.scale < 1) {
    for (auto* counts : {&plan.idle_connections, &plan.streams}) {
      for (auto& count : *counts) count = scaled(count, options.scale);
    }
    plan.stream_events = scaled(plan.stream_events, options.scale);
  }
  return plan;
}

bool wants(const BenchOptions& options, Part part) {
  return contains(options.parts, kPartNames[static_cast<std::size_t>(part)]);
}

bool wants(const BenchOptions& options, std::string_view candidate) {
  return contains(options.only, candidate);
}

}  // namespace foreword::bench
