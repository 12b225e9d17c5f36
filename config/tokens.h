// Token classes: the disjoint parts of a request's usage, the same for every provider.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace foreword::config {

/// Stored in the ledger: add at the end, never renumber.
enum class TokenClass : std::uint8_t {
  input = 0,            // prompt tokens neither read from a cache nor written to one
  cache_read = 1,       // prompt tokens served from the provider's cache
  cache_write_5m = 2,   // prompt tokens written with that time to live ...
  cache_write_1h = 3,   //
  cache_write_30m = 4,  //
  cache_write_12h = 5,  //
  output = 6,           // everything generated, reasoning included
};
inline constexpr std::size_t kTokenClasses = 7;

[[nodiscard]] std::string_view name_of(TokenClass token_class);

/// How many tokens of each class. A prompt token is in exactly one class.
struct TokenCounts {
  std::array<std::uint64_t, kTokenClasses> by_class{};

  [[nodiscard]] std::uint64_t& operator[](TokenClass c) {
    return by_class[static_cast<std::size_t>(c)];
  }
  [[nodiscard]] std::uint64_t operator[](TokenClass c) const {
    return by_class[static_cast<std::size_t>(c)];
  }
  [[nodiscard]] std::uint64_t total() const {
    std::uint64_t sum = 0;
    for (const auto count : by_class) sum += count;
    return sum;
  }
  [[nodiscard]] std::uint64_t output() const { return (*this)[TokenClass::output]; }
  /// Everything the model read: plain, cache reads and cache writes.
  [[nodiscard]] std::uint64_t prompt() const { return total() - output(); }

  TokenCounts& operator+=(const TokenCounts& other) {
    for (std::size_t i = 0; i < kTokenClasses; ++i) by_class[i] += other.by_class[i];
    return *this;
  }
  bool operator==(const TokenCounts&) const = default;
};

}  // namespace foreword::config
