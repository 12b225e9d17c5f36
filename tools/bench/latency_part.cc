// What a proxy adds to one request alone. Client, proxy and upstream share one processor: across
// two, most of what is measured is how long a virtual machine takes to wake the other one.

#include <algorithm>

#include <fmt/format.h>

#include "tools/bench/load_part.h"
#include "tools/bench/names.h"
#include "tools/bench/process_stats.h"
#include "tools/bench/statistics.h"

namespace foreword::bench {
namespace {

struct Target {
  std::string_view name;
  std::uint16_t port = 0;
  Route route;
  std::size_t slowness = 1;
  std::optional<RunningProxy> proxy;  // nothing: the upstream itself
};

struct Latency {
  double p50 = 0;
  double p99 = 0;
};

Latency measure(const Target& target, const Point& point) {
  const auto request = request_for(target.name, target.route, point);
  Load load(target.port, request.view(), point.connections);
  const auto requests = std::max<std::size_t>(1, point.requests / target.slowness);
  load.run(requests / 10 + 1);
  const auto burst = load.run(requests);
  return {percentile(burst.latencies_us, 50), percentile(burst.latencies_us, 99)};
}

std::vector<Target> start_targets(const Session& session) {
  std::vector<Target> targets;
  targets.push_back({candidates::kDirect, session.site.stub_port, {}, 1, std::nullopt});
  for (const auto* candidate : session.candidates) {
    if (candidate->name == candidates::kForewordKb) continue;
    if (candidate->name == candidates::kForewordLargeKb) continue;
    auto proxy = candidate->start(session.site);
    if (session.cores) pin(proxy.process.pid(), session.cores->load);
    const auto port = proxy.port;
    auto route = proxy.route;
    targets.push_back(
        {candidate->name, port, std::move(route), candidate->slowness, std::move(proxy)});
  }
  return targets;
}

}  // namespace

void measure_latency(Session& session) {
  const auto targets = start_targets(session);
  for (std::size_t repeat = 0; repeat < session.plan.repeats; ++repeat) {
    say(fmt::format("latency, repeat {} of {}", repeat + 1, session.plan.repeats));
    for (const auto& point : session.plan.latency) {
      std::vector<Latency> found(targets.size());
      for (std::size_t i = 0; i < targets.size(); ++i) {
        const auto at = rotated(i, repeat, targets.size());
        found[at] = naming(targets[at].name, [&] { return measure(targets[at], point); });
      }
      const auto& direct = found.front();
      for (std::size_t i = 1; i < targets.size(); ++i) {
        const auto name = targets[i].name;
        session.results.add({measures::kAddedP50, name, point.name}, found[i].p50 - direct.p50);
        session.results.add({measures::kAddedP99, name, point.name}, found[i].p99 - direct.p99);
      }
      session.results.add({measures::kDirectP50, candidates::kDirect, point.name}, direct.p50);
      session.results.add({measures::kDirectP99, candidates::kDirect, point.name}, direct.p99);
    }
  }
}

}  // namespace foreword::bench
