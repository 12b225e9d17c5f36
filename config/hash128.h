// XXH3-128: the name of a piece of content, the same on every machine.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace foreword::config {

struct Hash128 {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  auto operator<=>(const Hash128&) const = default;
};

/// XXH3-128 with seed 0 in the canonical (big-endian) reading. Not for secrets: it is no MAC.
[[nodiscard]] Hash128 xxh3_128(std::string_view bytes);

/// 32 lower-case hexadecimal digits.
[[nodiscard]] std::string to_hex(const Hash128& hash);
[[nodiscard]] std::optional<Hash128> parse_hex(std::string_view text);

/// The 16 canonical bytes, high word first: sorts like the hash does. For keys in the store.
[[nodiscard]] std::string to_bytes(const Hash128& hash);
[[nodiscard]] std::optional<Hash128> from_bytes(std::string_view bytes);

}  // namespace foreword::config
