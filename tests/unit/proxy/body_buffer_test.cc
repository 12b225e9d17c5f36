#include "proxy/body_buffer.h"

#include <string>

#include <gtest/gtest.h>

#include "config/limits.h"

namespace foreword::proxy {
namespace {

constexpr std::size_t kLarge = config::limits::kLeastPooledBodyBytes;
constexpr std::size_t kKept = config::limits::kPooledBodyBytesPerShard;

TEST(BodyPool, AReturnedPieceIsTakenAgain) {
  BodyPool pool;
  auto first = pool.take(kLarge);
  const auto* memory = first.bytes.get();
  pool.put_back(std::move(first));
  EXPECT_EQ(pool.take(kLarge).bytes.get(), memory);
}

TEST(BodyPool, APieceInUseIsNotGivenTwice) {
  BodyPool pool;
  const auto first = pool.take(kLarge);
  const auto second = pool.take(kLarge);
  EXPECT_NE(first.bytes.get(), second.bytes.get());
}

TEST(BodyPool, TheSmallestPieceWithEnoughRoomIsTaken) {
  BodyPool pool;
  auto huge = pool.take(16 * kLarge);
  auto middle = pool.take(4 * kLarge);
  auto least = pool.take(kLarge);
  const auto* memory = middle.bytes.get();
  pool.put_back(std::move(huge));
  pool.put_back(std::move(least));
  pool.put_back(std::move(middle));
  const auto taken = pool.take(2 * kLarge);
  EXPECT_EQ(taken.bytes.get(), memory);
  EXPECT_GE(taken.capacity, 4 * kLarge);
}

TEST(BodyPool, KeepsNoMoreThanItsShare) {
  BodyPool pool;
  auto all = pool.take(kKept);
  auto more = pool.take(kLarge);
  more.bytes[0] = 'm';
  pool.put_back(std::move(all));
  pool.put_back(std::move(more));  // freed: the share is used up
  EXPECT_EQ(pool.take(kLarge).capacity, kKept);
}

TEST(BodyPool, WhatIsLargerThanItsShareIsNotKept) {
  BodyPool pool;
  pool.put_back(pool.take(kKept + 1));
  EXPECT_EQ(pool.take(kLarge).capacity, kLarge);
}

TEST(BodyPool, GivesBackWhatAQuietWhileHasNotNeeded) {
  BodyPool pool;
  pool.put_back(pool.take(4 * kLarge));
  pool.time_out();  // too early to tell
  EXPECT_EQ(pool.take(kLarge).capacity, 4 * kLarge);
  pool.put_back(pool.take(4 * kLarge));
  pool.time_out();
  pool.time_out();
  EXPECT_EQ(pool.take(kLarge).capacity, kLarge);
}

TEST(BodyPool, KeepsWhatWasNeededMeanwhile) {
  BodyPool pool;
  pool.put_back(pool.take(4 * kLarge));
  pool.time_out();
  pool.put_back(pool.take(4 * kLarge));
  pool.time_out();
  EXPECT_EQ(pool.take(kLarge).capacity, 4 * kLarge);
}

TEST(BodyBuffer, GrowsWithoutLosingItsBytes) {
  BodyPool pool;
  BodyBuffer body(pool);
  const std::string text(3 * kLarge, 'x');
  body.append("begin");
  body.append(text);
  EXPECT_EQ(body.view(), "begin" + text);
}

TEST(BodyBuffer, GivesItsMemoryBackWhenItIsCleared) {
  BodyPool pool;
  BodyBuffer first(pool);
  first.reserve(kLarge);
  const auto* memory = first.end();
  first.clear();
  EXPECT_EQ(first.capacity(), 0U);
  BodyBuffer second(pool);
  second.reserve(kLarge);
  EXPECT_EQ(second.end(), memory);
}

}  // namespace
}  // namespace foreword::proxy
