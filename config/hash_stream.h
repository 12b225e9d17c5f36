// XXH3-128 of bytes that come in pieces, and of two hashes in a row.
#pragma once

#include <cstddef>
#include <string_view>

#include "config/hash128.h"

namespace foreword::config {

/// Hashes pieces as if they were one: the result is xxh3_128() of their concatenation. Larger than
/// half a kilobyte, and slower than xxh3_128() where all bytes are there at once and few.
class HashStream {
 public:
  /// Begins anew. REQUIRES: called before the first piece.
  void reset();
  void update(std::string_view bytes);
  /// Of all pieces so far.
  [[nodiscard]] Hash128 digest() const;

 private:
  static constexpr std::size_t kStateBytes = 576;
  static constexpr std::size_t kStateAlignment = 64;
  /// The library's own state, whose header stays out of this one. Not initialised.
  alignas(kStateAlignment) std::byte state_[kStateBytes];
};

/// A hash of two: xxh3_128() of their canonical bytes, one behind the other.
[[nodiscard]] Hash128 combine(const Hash128& first, const Hash128& second);

}  // namespace foreword::config
