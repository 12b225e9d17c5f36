// How much is measured: sizes, numbers of requests, repeats. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace foreword::bench {

enum class Part : std::uint8_t { cpu, latency, memory, streams, planner, tls, ledger, savings };
inline constexpr std::string_view kPartNames[] = {"cpu",     "latency", "memory", "streams",
                                                  "planner", "tls",     "ledger", "savings"};

struct BenchOptions {
  bool quick = false;
  std::size_t repeats = 0;  // 0: 7, or 3 with quick
  /// Candidates to run; empty: all of them.
  std::vector<std::string> only;
  /// Parts to measure; empty: all of them.
  std::vector<std::string> parts;
  /// Another build of foreword, measured beside this one; empty: none.
  std::string against;
  /// Sizes of body; empty: all of them.
  std::vector<std::string> sizes;
  /// Idle connections of a second, larger look at memory; 0: none.
  std::size_t connections = 0;
  /// Multiplies every number of requests.
  double scale = 1;
  std::string json;  // file to write; empty: none
};

/// One size of body, and how it is loaded.
struct Point {
  std::string_view name;
  std::size_t body_bytes = 0;
  std::size_t connections = 0;
  std::size_t requests = 0;
};

struct Plan {
  std::size_t repeats = 0;
  std::vector<Point> cpu;
  std::vector<Point> latency;  // at one connection
  std::vector<std::size_t> idle_connections;
  std::vector<std::size_t> streams;
  std::size_t stream_events = 0;
  std::size_t stream_interval_ms = 0;
  std::size_t ledger_rows = 0;
  std::size_t savings_rows = 0;
};

[[nodiscard]] Plan make_plan(const BenchOptions& options);
[[nodiscard]] bool wants(const BenchOptions& options, Part part);
[[nodiscard]] bool wants(const BenchOptions& options, std::string_view candidate);

}  // namespace foreword::bench
