// What the simulator can be told at start. Values only; every field has a working default.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace foreword::simulator {

struct Options {
  /// Where to listen; port 0 takes a free one.
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  unsigned threads = 2;  // at least 1

  /// Cache lifetimes follow a clock that moves only by POST /simulator/clock. Delays stay real.
  bool virtual_time = false;
  /// On that clock, an answer begins some time after its request (first_bytes.h), as if it took the
  /// provider that long to read what no cache holds. Has no effect under real time.
  bool first_byte_times = false;
  /// Ids and answers are a function of the seed and the order of requests.
  std::uint64_t seed = 0;

  /// About how long an answer is, unless the request's own limit is shorter.
  std::uint64_t answer_tokens = 60;
  /// Faults of every request, in the syntax of faults.h; empty for none.
  std::string faults;
  /// The latest requests that GET /simulator/requests still knows.
  std::size_t log_entries = 1000;

  /// OpenAI before gpt-5.6: an organisation with zero data retention keeps prefixes in memory only.
  bool zero_data_retention = false;
  /// OpenAI from gpt-5.6 on, implicit mode: whether the end of the first developer messages is
  /// written too, so that other users' prompts can read it. Published reports contradict each
  /// other; `false` is the dearer reading.
  bool share_developer_block = false;

  /// What the rate-limit headers count down from. Nothing is refused.
  std::uint64_t requests_per_minute = 4'000;
  std::uint64_t input_tokens_per_minute = 2'000'000;
  std::uint64_t output_tokens_per_minute = 400'000;
};

}  // namespace foreword::simulator
