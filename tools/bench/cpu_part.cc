// Processor time per request, and requests a second: each repeat gives every candidate its burst.

#include <algorithm>

#include <fmt/format.h>

#include "tools/bench/interrupt.h"
#include "tools/bench/load_part.h"
#include "tools/bench/names.h"
#include "tools/bench/process_stats.h"

namespace foreword::bench {
namespace {

using namespace std::chrono_literals;

/// Until the proxy sleeps: only then are the kernel's accounts of it complete.
constexpr auto kSettle = 10ms;

struct Entry {
  const Candidate* candidate = nullptr;
  RunningProxy proxy;
};

std::vector<Entry> start_all(const Session& session) {
  std::vector<Entry> entries;
  for (const auto* candidate : session.candidates) {
    entries.push_back({candidate, start_pinned(session, *candidate)});
  }
  return entries;
}

/// An 800 KB prompt is there for one comparison only: relayed, or made from a knowledge base.
bool takes_part(std::string_view candidate, std::string_view point) {
  if (point == points::k800K)
    return candidate == candidates::kForewordKb || candidate == candidates::kForewordOff;
  if (candidate == candidates::kForewordLargeKb) return point == points::k4M;
  return candidate != candidates::kForewordKb;
}

void measure_burst(Session& session, const Entry& entry, const Point& point) {
  const auto name = entry.candidate->name;
  const auto request = request_for(name, entry.proxy.route, point);
  Load load(entry.proxy.port, request.view(), point.connections);
  load.run(point.connections);  // as many connections to the upstream as there will be
  pause_for(kSettle);
  const auto before = processor_ns(entry.proxy.process.pid());
  const auto count = std::max<std::size_t>(1, point.requests / entry.candidate->slowness);
  const auto burst = load.run(count);
  pause_for(kSettle);
  const auto spent = processor_ns(entry.proxy.process.pid()) - before;
  const auto requests = static_cast<double>(count);
  session.results.add({measures::kCpu, name, point.name},
                      static_cast<double>(spent) / 1'000 / requests);
  session.results.add({measures::kRate, name, point.name}, requests / burst.seconds);
}

}  // namespace

void measure_cpu(Session& session) {
  const auto entries = start_all(session);
  for (std::size_t repeat = 0; repeat < session.plan.repeats; ++repeat) {
    say(fmt::format("processor time, repeat {} of {}", repeat + 1, session.plan.repeats));
    for (const auto& point : session.plan.cpu) {
      for (std::size_t i = 0; i < entries.size(); ++i) {
        const auto& entry = entries[rotated(i, repeat, entries.size())];
        if (!takes_part(entry.candidate->name, point.name)) continue;
        naming(entry.candidate->name, [&] { measure_burst(session, entry, point); });
      }
    }
  }
}

}  // namespace foreword::bench
