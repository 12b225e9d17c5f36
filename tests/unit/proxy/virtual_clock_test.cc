// Who waits for a virtual clock, and in which order they are woken.
#include "proxy/virtual_clock.h"

#include <string>

#include <gtest/gtest.h>

namespace foreword::proxy {
namespace {

using std::chrono::seconds;

constexpr auto kStart = VirtualClock::kStart;

class VirtualClockTest : public testing::Test {
 protected:
  std::shared_ptr<VirtualClock::Waiter> waiter(char name) {
    return clock_.make_waiter([this, name] { woken_ += name; });
  }

  VirtualClock clock_;
  std::string woken_;
};

TEST_F(VirtualClockTest, MovesOnlyWhenItIsTold) {
  EXPECT_EQ(clock_.now(), kStart);
  clock_.advance(seconds(301));
  EXPECT_EQ(clock_.now(), kStart + seconds(301));
}

TEST_F(VirtualClockTest, WakesOnceItIsPastTheTimeAndNotBefore) {
  clock_.wait(waiter('a'), kStart + seconds(1));
  clock_.advance(seconds(1));
  EXPECT_EQ(woken_, "");
  clock_.advance(std::chrono::microseconds(1));
  EXPECT_EQ(woken_, "a");
  clock_.advance(seconds(1));
  EXPECT_EQ(woken_, "a");
}

TEST_F(VirtualClockTest, WakesByTimeAndThenInTheOrderInWhichWaitersWereMade) {
  const auto first = waiter('1');
  const auto second = waiter('2');
  const auto third = waiter('3');
  clock_.wait(third, kStart + seconds(1));
  clock_.wait(second, kStart + seconds(2));
  clock_.wait(first, kStart + seconds(2));
  clock_.advance(seconds(3));
  EXPECT_EQ(woken_, "312");
}

TEST_F(VirtualClockTest, TellsWhoWaitsAndUntilWhen) {
  const auto early = waiter('a');
  clock_.wait(waiter('b'), kStart + seconds(2));
  clock_.wait(early, kStart + seconds(1));
  EXPECT_EQ(clock_.waiting().count, 2u);
  EXPECT_EQ(clock_.waiting().next, kStart + seconds(1));
  clock_.stop_waiting(early);
  EXPECT_EQ(clock_.waiting().count, 1u);
  EXPECT_EQ(clock_.waiting().next, kStart + seconds(2));
}

}  // namespace
}  // namespace foreword::proxy
