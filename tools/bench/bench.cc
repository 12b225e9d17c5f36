#include "tools/bench/bench.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <stdexcept>

#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "tools/bench/interrupt.h"
#include "tools/bench/names.h"
#include "tools/bench/process_stats.h"
#include "tools/bench/report.h"
#include "tools/bench/session.h"
#include "tools/bench/sockets.h"
#include "tools/bench/stub.h"

namespace foreword::bench {
namespace {

std::optional<Cores> choose_cores() {
  const auto allowed = allowed_processors();
  if (allowed.size() < 2) return std::nullopt;
  return Cores{allowed[0], allowed[1]};
}

std::vector<const Candidate*> choose_candidates(const BenchOptions& options, Results& results) {
  std::vector<const Candidate*> chosen;
  for (const auto& candidate : all_candidates()) {
    const bool other = candidate.name == candidates::kForewordOther ||
                       candidate.name == candidates::kForewordOtherOff;
    if (!wants(options, candidate.name) || (other && options.against.empty())) continue;
    const auto missing = candidate.missing();
    if (missing.empty()) {
      chosen.push_back(&candidate);
    } else {
      results.skipped.push_back(fmt::format("{}: {}", candidate.name, missing));
    }
  }
  return chosen;
}

std::string processor_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown";
}

RunFacts facts_of(const Session& session) {
  utsname system{};
  ::uname(&system);
  RunFacts facts;
  facts.lines = {{"foreword", FOREWORD_VERSION},
                 {"machine", fmt::format("{} cores, {}, Linux {}", ::sysconf(_SC_NPROCESSORS_ONLN),
                                         processor_name(), system.release)},
                 {"repeats", std::to_string(session.plan.repeats)},
                 {"cores", session.cores ? fmt::format("the proxy on {}, client and upstream on {}",
                                                       session.cores->proxy, session.cores->load)
                                         : "one for all: nothing is pinned"}};
  return facts;
}

void measure_all(const BenchOptions& options, Session& session) {
  if (wants(options, Part::cpu)) measure_cpu(session);
  if (wants(options, Part::latency)) measure_latency(session);
  if (wants(options, Part::memory)) measure_memory(session);
  if (wants(options, Part::streams)) measure_streams(session);
  if (wants(options, Part::planner)) measure_planner(session);
  if (wants(options, Part::tls)) measure_tls(session);  // this and the next make threads
  if (wants(options, Part::ledger)) measure_ledger(session);
  if (wants(options, Part::savings)) measure_savings(session);
}

void write_json(const std::string& path, const std::string& text) {
  std::ofstream file(path);
  file << text << '\n';
  if (!file.flush()) throw std::runtime_error("cannot write " + path);
}

bool known_candidate(const std::string& name) {
  return find_candidate(name) != nullptr;
}

bool known_part(const std::string& name) {
  return std::ranges::find(kPartNames, name) != std::end(kPartNames);
}

}  // namespace

std::string problem_with(const BenchOptions& options) {
  const auto unknown = std::ranges::find_if_not(options.only, known_candidate);
  if (unknown != options.only.end()) {
    std::string names;
    for (const auto& candidate : all_candidates()) names += fmt::format(" {}", candidate.name);
    return fmt::format("--only {}: there are{}", *unknown, names);
  }
  const auto part = std::ranges::find_if_not(options.parts, known_part);
  if (part != options.parts.end()) {
    return fmt::format("--part {}: there are {}", *part, fmt::join(kPartNames, " "));
  }
  if (!(options.scale > 0)) return "--scale: a number above 0";
  return {};
}

void run(const BenchOptions& options) {
  catch_interrupts();
  const auto plan = make_plan(options);
  const auto open_files = raise_open_files();
  const TempFolder folder;
  Results results;
  Session session{plan,   Site{folder.path(), 0, options.against}, choose_cores(), {}, open_files,
                  results};
  session.candidates = choose_candidates(options, results);
  for (const auto& line : results.skipped) say("left out: " + line);

  const auto listener = listen_on_loopback();
  session.site.stub_port = port_of(listener);
  const auto stub = ChildProcess::fork_into([&] { run_stub(listener); });
  if (session.cores) {
    pin(stub.pid(), session.cores->load);
    pin(::getpid(), session.cores->load);
  }
  measure_all(options, session);

  const auto facts = facts_of(session);
  fmt::print("{}", text_report(facts, results));
  if (!options.json.empty()) write_json(options.json, json_report(facts, results));
}

}  // namespace foreword::bench
