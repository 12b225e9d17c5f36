// Many open streams: memory for each, processor time for each event, and whether one ever stalls.

#include <string>

#include <fmt/format.h>

#include "tools/bench/interrupt.h"
#include "tools/bench/load_part.h"
#include "tools/bench/memory_part.h"
#include "tools/bench/names.h"
#include "tools/bench/process_stats.h"
#include "tools/bench/stream_load.h"

namespace foreword::bench {
namespace {

using namespace std::chrono_literals;

constexpr auto kSettle = 300ms;

void warm_up(const RunningProxy& proxy) {
  StreamShape shape;
  shape.events = 2;
  shape.interval_ms = 1;
  StreamLoad one(proxy.port, proxy.route, shape, 1);
  one.open();
  one.finish();
}

void measure(Session& session, const Candidate& candidate, std::size_t streams) {
  const auto proxy = start_pinned(session, candidate);
  const auto pid = proxy.process.pid();
  warm_up(proxy);
  pause_for(kSettle);
  const auto memory_before = anonymous_bytes(pid);
  StreamShape shape;
  shape.events = session.plan.stream_events;
  shape.interval_ms = session.plan.stream_interval_ms;
  StreamLoad load(proxy.port, proxy.route, shape, streams);
  load.open();
  const auto memory = anonymous_bytes(pid) - memory_before;
  const auto processor_before = processor_ns(pid);
  const auto seen = load.events();
  load.finish();
  pause_for(kSettle);
  const auto processor = processor_ns(pid) - processor_before;
  // The closing events come as one piece.
  const auto pieces = streams * (shape.events + 1) - seen;
  const auto point = std::to_string(streams);
  auto& results = session.results;
  results.add({measures::kStreamMemory, candidate.name, point},
              static_cast<double>(memory) / 1'024 / static_cast<double>(streams));
  results.add({measures::kEventCpu, candidate.name, point},
              static_cast<double>(processor) / 1'000 / static_cast<double>(pieces));
  results.add({measures::kWorstStall, candidate.name, point}, load.worst_stall_ms());
}

}  // namespace

void measure_streams(Session& session) {
  for (const auto streams : session.plan.streams) {
    for (const auto* candidate : session.candidates) {
      if (!has_memory_of_its_own(candidate->name)) continue;
      // A stream needs a connection on either side of the proxy.
      if (!fits_open_files(session, candidate->name, 2 * streams)) continue;
      say(fmt::format("{} streams through {}", streams, candidate->name));
      naming(candidate->name, [&] { measure(session, *candidate, streams); });
    }
  }
}

}  // namespace foreword::bench
