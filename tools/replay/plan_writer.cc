#include "tools/replay/plan_writer.h"

#include <cerrno>
#include <cstring>
#include <iterator>
#include <utility>

#include <fmt/format.h>

namespace foreword::replay {

PlanWriter::PlanWriter(std::filesystem::path file)
    : file_(std::move(file)), output_(file_, std::ios::binary | std::ios::trunc) {}

void PlanWriter::sent(std::uint32_t place, double at, std::span<const Mark> marks) {
  fmt::memory_buffer line;
  fmt::format_to(std::back_inserter(line), R"({{"i": {}, "t": {:.6f}, "marks": [)", place, at);
  for (const auto& mark : marks) {
    const auto* const separator = &mark == marks.data() ? "" : ", ";
    fmt::format_to(std::back_inserter(line), "{}[{}, {}]", separator, mark.position, mark.ttl_s);
  }
  fmt::format_to(std::back_inserter(line), "]}}\n");
  output_.write(line.data(), static_cast<std::streamsize>(line.size()));
}

void PlanWriter::pinged(std::uint32_t place, const Ping& ping) {
  const auto line = fmt::format(R"({{"ping": {}, "k": {}, "t": {:.6f}, "ttl": {}}})"
                                "\n",
                                place, ping.position, ping.at, ping.ttl_s);
  output_.write(line.data(), static_cast<std::streamsize>(line.size()));
}

std::optional<config::Error> PlanWriter::finish() {
  output_.close();
  if (!output_.fail()) return std::nullopt;
  return config::Error{fmt::format("cannot write the plan to {}: {}", file_.string(),
                                   errno != 0 ? std::strerror(errno) : "writing failed")};
}

}  // namespace foreword::replay
