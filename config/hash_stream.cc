#include "config/hash_stream.h"

#include <new>

#include "config/xxhash_dispatch.h"

namespace foreword::config {
namespace {

XXH3_state_t* state_at(std::byte* bytes) {
  return reinterpret_cast<XXH3_state_t*>(bytes);
}

}  // namespace

void HashStream::reset() {
  static_assert(sizeof(XXH3_state_t) == kStateBytes && alignof(XXH3_state_t) == kStateAlignment);
  XXH3_128bits_reset(new (state_) XXH3_state_t);
}

void HashStream::update(std::string_view bytes) {
  XXH3_128bits_update(state_at(state_), bytes.data(), bytes.size());
  leave_vectors_clean(bytes.size());
}

Hash128 HashStream::digest() const {
  const XXH128_hash_t hash = XXH3_128bits_digest(reinterpret_cast<const XXH3_state_t*>(state_));
  leave_vectors_clean(~std::size_t{0});
  return {.high = hash.high64, .low = hash.low64};
}

Hash128 combine(const Hash128& first, const Hash128& second) {
  XXH128_canonical_t bytes[2];
  XXH128_canonicalFromHash(&bytes[0], {.low64 = first.low, .high64 = first.high});
  XXH128_canonicalFromHash(&bytes[1], {.low64 = second.low, .high64 = second.high});
  const XXH128_hash_t hash = XXH3_128bits(bytes, sizeof(bytes));
  return {.high = hash.high64, .low = hash.low64};
}

}  // namespace foreword::config
