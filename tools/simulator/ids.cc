#include "simulator/ids.h"

#include <fmt/format.h>

namespace foreword::simulator {

std::string base62(const config::Hash128& hash, std::size_t length) {
  constexpr std::string_view kDigits =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  std::string digits;
  std::uint64_t words[] = {hash.high, hash.low};
  for (std::size_t i = 0; i < length; ++i) {
    // Each word is good for ten digits; longer ids repeat from a turned word.
    std::uint64_t& word = words[i % 2];
    if (word == 0) word = ~hash.high ^ i;
    digits += kDigits[word % kDigits.size()];
    word /= kDigits.size();
  }
  return digits;
}

std::string uuid(const config::Hash128& hash) {
  const std::string hex = config::to_hex(hash);
  return fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4),
                     hex.substr(16, 4), hex.substr(20));
}

std::string Ids::next(std::string_view prefix, std::size_t length) {
  return std::string(prefix) + base62(next_hash(), length);
}

std::string Ids::next_uuid() {
  return uuid(next_hash());
}

config::Hash128 Ids::next_hash() {
  return config::xxh3_128(fmt::format("{}/{}", seed_, count_.fetch_add(1)));
}

}  // namespace foreword::simulator
