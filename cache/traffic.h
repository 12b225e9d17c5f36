// What the ledger tells of the traffic, as far as a comparison with a fine-tuned model needs it.
//
// Plain values. Thread-safe: reads one consistent moment of the store. A ledger that cannot be read
// is an Error, never a part of the facts.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cache/ledger.h"
#include "config/money.h"
#include "config/provider.h"
#include "config/tokens.h"

namespace foreword::cache {

/// Tokens that a fine-tuned model would read and generate for the same requests: the prompts
/// without the knowledge base.
struct FinetuneTokens {
  std::uint64_t prompt = 0;
  std::uint64_t output = 0;
};

struct ModelTraffic {
  config::Provider provider{};
  std::string model;
  std::uint64_t requests = 0;
  std::uint64_t kb_requests = 0;  // of these, with a knowledge base in the prompt
  std::uint64_t kb_tokens = 0;    // of the knowledge base in all of them, estimated
  FinetuneTokens tokens;
  config::PicodollarTotal actual = 0;
};

/// Models beyond this many share "(other)": their names are what clients say they are.
inline constexpr std::size_t kMaxTrafficModels = 1'000;

/// Of requests that have a price. What has none would be free here and dear on a GPU: it is counted
/// and left out.
struct Traffic {
  std::optional<config::TimePoint> first;
  std::optional<config::TimePoint> last;
  std::uint64_t requests = 0;
  std::uint64_t left_out = 0;  // without a price
  FinetuneTokens tokens;
  config::PicodollarTotal actual = 0;
  config::PicodollarTotal uncached = 0;
  /// The most in any hour of the clock (UTC), of each: the two need not be of the same hour.
  FinetuneTokens busiest_hour;
  std::uint64_t answered = 0;                                   // with an answer to the end
  std::optional<std::chrono::microseconds> fastest_first_byte;  // of these
  std::uint64_t within_30ms = 0;                                // of these, the first byte
  std::vector<ModelTraffic> models;                             // the dearest first, then by name
};

/// Reads every row of the range. Roll-ups do not suffice: they have no provider beside a model,
/// count no requests with a knowledge base, hold the tokens of rows with and without a price in one
/// sum, and could not keep the fastest first byte, since a least value cannot be taken back when a
/// row replaces another.
[[nodiscard]] config::Result<Traffic> traffic(const Store& store, const TimeRange& range);

}  // namespace foreword::cache
