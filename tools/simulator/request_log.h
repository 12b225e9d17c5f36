// The latest requests, for tests and for people: what came, what was reported, how it ended.
//
// Holds no key and no text: hashes, sizes, names and numbers. Bounded. Safe to use from any thread.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "config/hash128.h"
#include "config/tokens.h"
#include "simulator/clock.h"
#include "simulator/json.h"

namespace foreword::simulator {

enum class Ending : std::uint8_t {
  running,   // or waiting for its first byte
  complete,  // all of the answer went out
  aborted,   // the client went away first
  cut,       // a fault ended it
};

struct LogEntry {
  std::uint64_t id = 0;
  TimePoint at;
  std::string provider;
  std::string method;
  std::string path;  // without the query, which may hold a key
  std::string model;
  std::size_t body_bytes = 0;
  config::Hash128 body_hash;
  std::vector<std::string> header_names;  // as sent
  std::string retry_count;                // x-stainless-retry-count
  bool is_streamed = false;
  unsigned status = 0;
  std::size_t breakpoints = 0;
  config::TokenCounts usage;  // reported so far
  Ending ending = Ending::running;
};

class RequestLog {
 public:
  explicit RequestLog(std::size_t capacity) : capacity_(capacity) {}

  /// Returns the entry's id.
  std::uint64_t add(LogEntry entry);
  /// The head went out: everything that was read is reported, nothing that is generated yet.
  void begin(std::uint64_t id, const config::TokenCounts& usage);
  void end(std::uint64_t id, Ending ending, std::uint64_t output_tokens);
  /// {"total": N, "aborted": N, "requests": [...]}, the oldest first, at most `limit` of the
  /// latest.
  [[nodiscard]] json::object to_json(std::size_t limit);
  void clear();

 private:
  [[nodiscard]] LogEntry* find(std::uint64_t id);

  std::mutex mutex_;
  const std::size_t capacity_;
  std::deque<LogEntry> entries_;  // ids ascend by one
  std::uint64_t next_id_ = 1;
  std::uint64_t total_ = 0;
  std::uint64_t aborted_ = 0;
};

}  // namespace foreword::simulator
