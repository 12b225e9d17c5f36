// Memory: resident at rest, and what each keep-alive connection that waits for its next request
// takes.

#include "tools/bench/memory_part.h"

#include <string>

#include <fmt/format.h>

#include "tools/bench/interrupt.h"
#include "tools/bench/load_part.h"
#include "tools/bench/names.h"
#include "tools/bench/process_stats.h"
#include "tools/bench/sockets.h"

namespace foreword::bench {
namespace {

using namespace std::chrono_literals;

constexpr auto kSettle = 300ms;
constexpr Point kOneRequest{points::k1K, 1'024, 1, 1};
/// Descriptors of a proxy or of the bench that are no such connections, with room to spare.
constexpr std::size_t kOtherFiles = 400;

double kilobytes(std::uint64_t more, std::uint64_t less) {
  return (static_cast<double>(more) - static_cast<double>(less)) / 1'024;
}

void measure_idle(Session& session, const Candidate& candidate, std::size_t connections) {
  const auto proxy = start_pinned(session, candidate);
  const auto request = request_for(candidate.name, proxy.route, kOneRequest);
  const Load first(proxy.port, request.view(), 1);  // what the first request of all costs
  pause_for(kSettle);
  const auto before = anonymous_bytes(proxy.process.pid());
  const Load all(proxy.port, request.view(), connections);
  pause_for(kSettle);
  const auto after = anonymous_bytes(proxy.process.pid());
  session.results.add({measures::kIdleConnection, candidate.name, std::to_string(connections)},
                      kilobytes(after, before) / static_cast<double>(connections));
}

void measure_at_rest(Session& session, const Candidate& candidate) {
  const auto proxy = start_pinned(session, candidate);
  pause_for(kSettle);
  const auto bytes = static_cast<double>(resident_bytes(proxy.process.pid()));
  session.results.add({measures::kResident, candidate.name, points::kAtRest}, bytes / (1 << 20));
}

}  // namespace

bool has_memory_of_its_own(std::string_view candidate) {
  using namespace candidates;
  return candidate == kRelay || candidate == kForeword || candidate == kForewordOther ||
         candidate == kNginxStreaming || candidate == kHaproxy;
}

bool fits_open_files(const Session& session, std::string_view candidate, std::size_t connections) {
  // The relay keeps a connection to the upstream for each of its clients; others share a few.
  const auto needed = connections * (candidate == candidates::kRelay ? 2 : 1) + kOtherFiles;
  if (needed <= session.open_files) return true;
  session.results.skipped.push_back(
      fmt::format("{} with {} connections: {} open files are allowed here (ulimit -Hn)", candidate,
                  connections, session.open_files));
  return false;
}

void measure_memory(Session& session) {
  for (const auto* candidate : session.candidates) {
    if (!has_memory_of_its_own(candidate->name)) continue;
    say(fmt::format("memory of {}", candidate->name));
    measure_at_rest(session, *candidate);
    for (const auto connections : session.plan.idle_connections) {
      if (!fits_open_files(session, candidate->name, connections)) continue;
      naming(candidate->name, [&] { measure_idle(session, *candidate, connections); });
    }
  }
}

}  // namespace foreword::bench
