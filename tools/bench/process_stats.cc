#include "tools/bench/process_stats.h"

#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <fmt/format.h>
#include <sched.h>

namespace foreword::bench {
namespace {

namespace fs = std::filesystem;

/// Empty where there is no such file: processes come and go.
std::string read_file(const fs::path& path) {
  const std::ifstream file(path);
  std::ostringstream text;
  if (file) text << file.rdbuf();
  return text.str();
}

std::optional<std::uint64_t> leading_number(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return std::nullopt;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data() + begin, text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  return number;
}

std::vector<pid_t> numbers_in(const fs::path& folder) {
  std::vector<pid_t> out;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (const auto id = leading_number(it->path().filename().string()))
      out.push_back(static_cast<pid_t>(*id));
  }
  return out;
}

fs::path tasks_of(pid_t pid) {
  return fs::path("/proc") / std::to_string(pid) / "task";
}

/// `name` with the line end in front of it and its colon.
std::optional<std::uint64_t> rollup_bytes(std::string_view rollup, std::string_view name) {
  const auto at = rollup.find(name);
  if (at == std::string_view::npos) return std::nullopt;
  const auto kilobytes = leading_number(rollup.substr(at + name.size()));
  if (!kilobytes) return std::nullopt;
  return *kilobytes * 1024;
}

using ParseRollup = std::optional<std::uint64_t> (*)(std::string_view);

std::uint64_t memory_of(pid_t pid, ParseRollup parse) {
  std::uint64_t total = 0;
  for (const auto member : family_of(pid)) {
    total += parse(read_file(fmt::format("/proc/{}/smaps_rollup", member))).value_or(0);
  }
  return total;
}

}  // namespace

std::optional<std::uint64_t> parse_schedstat(std::string_view text) {
  return leading_number(text);
}

std::optional<std::uint64_t> parse_resident(std::string_view text) {
  return rollup_bytes(text, "\nRss:");
}

std::optional<std::uint64_t> parse_anonymous(std::string_view text) {
  return rollup_bytes(text, "\nAnonymous:");
}

std::vector<pid_t> family_of(pid_t pid) {
  std::vector<pid_t> family;
  if (fs::exists(tasks_of(pid))) family.push_back(pid);
  for (std::size_t i = 0; i < family.size(); ++i) {
    for (const auto task : numbers_in(tasks_of(family[i]))) {
      std::istringstream children(
          read_file(tasks_of(family[i]) / std::to_string(task) / "children"));
      for (pid_t child = 0; children >> child;) family.push_back(child);
    }
  }
  return family;
}

std::uint64_t processor_ns(pid_t pid) {
  std::uint64_t total = 0;
  for (const auto member : family_of(pid)) {
    for (const auto task : numbers_in(tasks_of(member))) {
      const auto text = read_file(tasks_of(member) / std::to_string(task) / "schedstat");
      total += parse_schedstat(text).value_or(0);
    }
  }
  return total;
}

std::uint64_t resident_bytes(pid_t pid) {
  return memory_of(pid, parse_resident);
}

std::uint64_t anonymous_bytes(pid_t pid) {
  return memory_of(pid, parse_anonymous);
}

std::vector<int> allowed_processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> out;
  if (::sched_getaffinity(0, sizeof(set), &set) != 0) return out;
  for (int i = 0; i < CPU_SETSIZE; ++i) {
    if (CPU_ISSET(i, &set)) out.push_back(i);
  }
  return out;
}

void pin(pid_t pid, int processor) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(processor, &set);
  for (const auto member : family_of(pid)) {
    for (const auto task : numbers_in(tasks_of(member))) {
      ::sched_setaffinity(task, sizeof(set), &set);  // one that has ended meanwhile needs none
    }
  }
}

}  // namespace foreword::bench
