#include "config/hash128.h"

#include <array>
#include <cstddef>

#include "config/xxhash_dispatch.h"

namespace foreword::config {
namespace {

/// The choice is made at the first call: here, before there are threads.
[[maybe_unused]] const XXH128_hash_t kFirst = XXH3_128bits("", 0);

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::size_t kHashBytes = 16;

static_assert(sizeof(XXH128_canonical_t) == kHashBytes);

XXH128_canonical_t canonical(const Hash128& hash) {
  XXH128_canonical_t bytes;
  XXH128_canonicalFromHash(&bytes, XXH128_hash_t{.low64 = hash.low, .high64 = hash.high});
  return bytes;
}

Hash128 from_canonical(const XXH128_canonical_t& bytes) {
  const XXH128_hash_t hash = XXH128_hashFromCanonical(&bytes);
  return {.high = hash.high64, .low = hash.low64};
}

}  // namespace

Hash128 xxh3_128(std::string_view bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  leave_vectors_clean(bytes.size());
  return {.high = hash.high64, .low = hash.low64};
}

std::string to_hex(const Hash128& hash) {
  std::string text;
  text.reserve(2 * kHashBytes);
  for (const unsigned char byte : canonical(hash).digest) {
    text += kHexDigits[byte >> 4];
    text += kHexDigits[byte & 0xf];
  }
  return text;
}

std::optional<Hash128> parse_hex(std::string_view text) {
  if (text.size() != 2 * kHashBytes) return std::nullopt;
  XXH128_canonical_t bytes;
  for (std::size_t i = 0; i < kHashBytes; ++i) {
    const auto high = kHexDigits.find(text[2 * i]);
    const auto low = kHexDigits.find(text[2 * i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
    bytes.digest[i] = static_cast<unsigned char>(high << 4 | low);
  }
  return from_canonical(bytes);
}

std::string to_bytes(const Hash128& hash) {
  const auto bytes = canonical(hash);
  return {std::begin(bytes.digest), std::end(bytes.digest)};
}

std::optional<Hash128> from_bytes(std::string_view text) {
  if (text.size() != kHashBytes) return std::nullopt;
  XXH128_canonical_t bytes;
  for (std::size_t i = 0; i < kHashBytes; ++i) {
    bytes.digest[i] = static_cast<unsigned char>(text[i]);
  }
  return from_canonical(bytes);
}

}  // namespace foreword::config
