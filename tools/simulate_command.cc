#include <cstdio>

#include <fmt/format.h>

#include "config/load.h"
#include "simulator/server.h"
#include "tools/commands.h"
#include "tools/wait_for_signal.h"

namespace foreword::tools {

int simulate(const SimulateQuestion& question) {
  block_stop_signals();
  const auto endpoint = config::parse_endpoint(question.listen);
  if (!endpoint) return fail("--listen: " + endpoint.error().message);
  simulator::Options options;
  options.host = endpoint->host;
  options.port = endpoint->port;
  options.virtual_time = question.virtual_time;
  options.first_byte_times = question.first_byte_times;
  options.seed = question.seed;
  options.log_entries = question.log_entries;
  options.faults = question.faults;
  simulator::Server server(options);
  const auto started = server.start();
  if (!started) return fail(started.error().message);
  fmt::print("foreword simulate: listening on http://{}:{}\n", endpoint->host, server.port());
  std::fflush(stdout);
  wait_for_signal();
  server.stop();
  return kDone;
}

}  // namespace foreword::tools
