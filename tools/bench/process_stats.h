// What the kernel says of a process and its descendants: processor time, memory, and where they may
// run.
//
// Processor time is the scheduler's own account in nanoseconds; utime and stime are ticks, too
// coarse for a request. It is exact while the process sleeps: let it come to rest before reading.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace foreword::bench {

/// The first number of /proc/PID/task/TID/schedstat: nanoseconds on a processor.
[[nodiscard]] std::optional<std::uint64_t> parse_schedstat(std::string_view text);
/// The field "Rss:" of /proc/PID/smaps_rollup, in bytes.
[[nodiscard]] std::optional<std::uint64_t> parse_resident(std::string_view text);

/// Its field "Anonymous:": what the process wrote itself. Pages of its program and libraries, which
/// come and go with what happens to run, are not in it.
[[nodiscard]] std::optional<std::uint64_t> parse_anonymous(std::string_view text);

/// The process and all its descendants. An empty list: it is gone.
[[nodiscard]] std::vector<pid_t> family_of(pid_t pid);
/// Nanoseconds that all threads of the family have run.
[[nodiscard]] std::uint64_t processor_ns(pid_t pid);
[[nodiscard]] std::uint64_t resident_bytes(pid_t pid);
[[nodiscard]] std::uint64_t anonymous_bytes(pid_t pid);

/// The processors that this process may use.
[[nodiscard]] std::vector<int> allowed_processors();
/// Puts all threads of the family onto one processor; threads made later inherit that.
void pin(pid_t pid, int processor);

}  // namespace foreword::bench
