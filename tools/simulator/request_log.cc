#include "simulator/request_log.h"

#include <algorithm>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace foreword::simulator {
namespace {

std::string_view name_of(Ending ending) {
  switch (ending) {
    case Ending::complete:
      return "complete";
    case Ending::aborted:
      return "aborted";
    case Ending::cut:
      return "cut";
    default:
      return "running";
  }
}

json::object usage_json(const config::TokenCounts& usage) {
  json::object object;
  for (std::size_t i = 0; i < config::kTokenClasses; ++i) {
    const auto name = config::name_of(static_cast<config::TokenClass>(i));
    object[json::string_view(name.data(), name.size())] = usage.by_class[i];
  }
  return object;
}

json::object entry_json(const LogEntry& entry) {
  json::array names;
  for (const auto& name : entry.header_names) names.emplace_back(name);
  return {{"id", entry.id},
          {"at", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                             std::chrono::time_point_cast<std::chrono::seconds>(entry.at))},
          {"provider", entry.provider},
          {"method", entry.method},
          {"path", entry.path},
          {"model", entry.model},
          {"body_bytes", entry.body_bytes},
          {"body_xxh3", config::to_hex(entry.body_hash)},
          {"header_names", std::move(names)},
          {"retry_count", entry.retry_count},
          {"streamed", entry.is_streamed},
          {"status", entry.status},
          {"breakpoints", entry.breakpoints},
          {"usage", usage_json(entry.usage)},
          {"aborted", entry.ending == Ending::aborted},
          {"ending", name_of(entry.ending)}};
}

}  // namespace

std::uint64_t RequestLog::add(LogEntry entry) {
  const std::lock_guard lock(mutex_);
  entry.id = next_id_++;
  ++total_;
  entries_.push_back(std::move(entry));
  if (entries_.size() > std::max<std::size_t>(capacity_, 1)) entries_.pop_front();
  return entries_.back().id;
}

void RequestLog::begin(std::uint64_t id, const config::TokenCounts& usage) {
  const std::lock_guard lock(mutex_);
  LogEntry* entry = find(id);
  if (entry == nullptr) return;
  entry->usage = usage;
  entry->usage[config::TokenClass::output] = 0;
}

void RequestLog::end(std::uint64_t id, Ending ending, std::uint64_t output_tokens) {
  const std::lock_guard lock(mutex_);
  LogEntry* entry = find(id);
  if (entry == nullptr) return;
  if (ending == Ending::aborted) ++aborted_;
  entry->ending = ending;
  entry->usage[config::TokenClass::output] = output_tokens;
}

json::object RequestLog::to_json(std::size_t limit) {
  const std::lock_guard lock(mutex_);
  json::array requests;
  const std::size_t shown = std::min(limit, entries_.size());
  for (auto it = entries_.end() - static_cast<std::ptrdiff_t>(shown); it != entries_.end(); ++it) {
    requests.push_back(entry_json(*it));
  }
  return {{"total", total_}, {"aborted", aborted_}, {"requests", std::move(requests)}};
}

void RequestLog::clear() {
  const std::lock_guard lock(mutex_);
  entries_.clear();
  total_ = 0;
  aborted_ = 0;
}

LogEntry* RequestLog::find(std::uint64_t id) {
  if (entries_.empty() || id < entries_.front().id || id > entries_.back().id) return nullptr;
  return &entries_[id - entries_.front().id];
}

}  // namespace foreword::simulator
