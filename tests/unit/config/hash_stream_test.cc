#include "config/hash_stream.h"

#include <string>

#include <gtest/gtest.h>

namespace foreword::config {
namespace {

TEST(hash_stream, of_pieces_is_the_hash_of_the_whole) {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += static_cast<char>('a' + i % 26);
  for (const std::size_t piece : {1u, 63u, 64u, 255u, 256u, 257u, 4999u}) {
    HashStream stream;
    stream.reset();
    for (std::size_t at = 0; at < text.size(); at += piece) stream.update(text.substr(at, piece));
    EXPECT_EQ(stream.digest(), xxh3_128(text)) << piece;
  }
}

TEST(hash_stream, begins_anew) {
  HashStream stream;
  stream.reset();
  stream.update("before");
  stream.reset();
  stream.update("x");
  EXPECT_EQ(stream.digest(), xxh3_128("x"));
}

TEST(combined_hash, is_that_of_the_canonical_bytes) {
  const Hash128 first{.high = 1, .low = 2};
  const Hash128 second{.high = 3, .low = 4};
  EXPECT_EQ(combine(first, second), xxh3_128(to_bytes(first) + to_bytes(second)));
  EXPECT_NE(combine(first, second), combine(second, first));
}

}  // namespace
}  // namespace foreword::config
