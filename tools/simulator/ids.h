// Ids in the providers' look. A run with the same seed and the same order of requests has the same
// ids.
//
// Safe to use from any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "config/hash128.h"

namespace foreword::simulator {

/// `length` base-62 digits of the hash.
[[nodiscard]] std::string base62(const config::Hash128& hash, std::size_t length);
/// 8-4-4-4-12 hexadecimal digits of the hash.
[[nodiscard]] std::string uuid(const config::Hash128& hash);

class Ids {
 public:
  explicit Ids(std::uint64_t seed) : seed_(seed) {}
  /// For example next("msg_01", 22).
  [[nodiscard]] std::string next(std::string_view prefix, std::size_t length);
  [[nodiscard]] std::string next_uuid();

 private:
  [[nodiscard]] config::Hash128 next_hash();

  const std::uint64_t seed_;
  std::atomic<std::uint64_t> count_{0};
};

}  // namespace foreword::simulator
