#include "proxy/task.h"

#include <memory>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "proxy/net.h"

namespace foreword::proxy {
namespace {

/// A loop, and what has happened in it.
class Tasks : public testing::Test {
 protected:
  Task<void> pause() { co_await asio::post(loop_.get_executor(), use_tuple); }
  /// Ends after that many turns of the loop.
  Task<int> after(int turns) {
    for (int i = 0; i < turns; ++i) co_await pause();
    log_ += std::to_string(turns);
    co_return turns;
  }
  Task<void> add_up(int& total) {
    for (int turns = 0; turns < 3; ++turns) total += co_await after(turns);
  }
  Task<void> log_after(int turns) { co_await after(turns); }
  Task<void> fail_after(int turns) {
    co_await after(turns);
    throw std::runtime_error("failed");
  }
  /// Runs it to its end; the message of what it threw.
  std::string run(Task<void> task) {
    std::string thrown = "did not end";
    spawn(loop_.get_executor(), std::move(task), [&thrown](std::exception_ptr error) {
      thrown.clear();
      try {
        if (error) std::rethrow_exception(error);
      } catch (const std::exception& caught) {
        thrown = caught.what();
      }
    });
    loop_.restart();
    loop_.run();
    return thrown;
  }

  asio::io_context loop_{1};
  std::string log_;
};

TEST_F(Tasks, GoesOnWithWhatItAwaits) {
  int total = 0;
  EXPECT_EQ(run(add_up(total)), "");
  EXPECT_EQ(total, 3);
  EXPECT_EQ(log_, "012");
}

TEST_F(Tasks, BeginsOnlyWhenItIsAwaited) {
  { const auto never = after(0); }
  EXPECT_EQ(log_, "");
}

TEST_F(Tasks, AFailureReachesWhoAwaits) {
  EXPECT_EQ(run(fail_after(0)), "failed");
  EXPECT_EQ(run(fail_after(2)), "failed");
}

TEST_F(Tasks, AMillionThatNeedNotWaitDoNotGrowTheStack) {
  struct Loop {
    static Task<int> one() { co_return 1; }
    static Task<void> all(long& sum) {
      for (int i = 0; i < 1'000'000; ++i) sum += co_await one();
    }
  };
  long sum = 0;
  EXPECT_EQ(run(Loop::all(sum)), "");
  EXPECT_EQ(sum, 1'000'000);
}

TEST_F(Tasks, BothEndWithTheLater) {
  struct Pair {
    static Task<void> of(Task<void> first, Task<void> second, std::string& log) {
      Both both(std::move(first), std::move(second));
      co_await both;
      log += ".";
    }
  };
  EXPECT_EQ(run(Pair::of(log_after(2), log_after(1), log_)), "");
  EXPECT_EQ(log_, "12.");
  EXPECT_EQ(run(Pair::of(log_after(0), log_after(0), log_)), "");
  EXPECT_EQ(log_, "12.00.");
  EXPECT_EQ(run(Pair::of(fail_after(1), log_after(3), log_)), "failed");
  EXPECT_EQ(log_, "12.00.13");
}

TEST_F(Tasks, WhatATaskHoldsIsGoneWhenItHasEnded) {
  const auto held = std::make_shared<int>(0);
  struct Holder {
    static Task<void> hold(std::shared_ptr<int> held, Task<void> meanwhile) {
      co_await meanwhile;
      ++*held;
    }
  };
  EXPECT_EQ(run(Holder::hold(held, log_after(1))), "");
  EXPECT_EQ(*held, 1);
  EXPECT_EQ(held.use_count(), 1);
}

}  // namespace
}  // namespace foreword::proxy
