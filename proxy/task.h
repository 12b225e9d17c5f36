// Coroutines of one event loop (net.h starts them, and awaits Asio's operations in them).
//
// A Task begins when it is awaited and goes on with its caller when it ends: two calls and one
// allocation. asio::awaitable, which can move between executors and be cancelled from outside,
// costs several times that, and a request awaits a dozen of them (ARCHITECTURE, "Where the time
// goes").
//
// Everything here belongs to the one thread that runs the loop. What waits is woken by the loop
// alone: let it run until all that was spawned has ended, for a loop that is destroyed earlier
// leaks what waits in it.
#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

namespace foreword::proxy {

template <class T>
class Task;

namespace detail {

/// What Tasks of all types have in common.
struct TaskPromise {
  /// Resumes the caller by a plain call and not by symmetric transfer, which g++ makes a call that
  /// grows the stack where it does not optimise.
  struct End {
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> ended) const noexcept {
      if (const auto next = ended.promise().caller) next.resume();
    }
    void await_resume() const noexcept {}
  };

  std::suspend_always initial_suspend() noexcept { return {}; }
  End final_suspend() noexcept { return {}; }
  void unhandled_exception() noexcept { error = std::current_exception(); }

  std::coroutine_handle<> caller;  // null until it waits
  std::exception_ptr error;
};

template <class T>
struct ValuePromise : TaskPromise {
  Task<T> get_return_object();
  template <class Value = T>
  void return_value(Value&& result) {
    value.emplace(std::forward<Value>(result));
  }
  T take() { return std::move(*value); }
  std::optional<T> value;
};

template <>
struct ValuePromise<void> : TaskPromise {
  Task<void> get_return_object();
  void return_void() noexcept {}
  void take() noexcept {}
};

}  // namespace detail

/// To be awaited once, where it is made or moved to. Exceptions pass through to the caller.
template <class T>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::ValuePromise<T>;

  explicit Task(std::coroutine_handle<promise_type> frame) noexcept : frame_(frame) {}
  Task(Task&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  ~Task() {
    if (frame_) frame_.destroy();
  }

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  /// False where it ended without any waiting.
  bool await_suspend(std::coroutine_handle<> caller) {
    frame_.resume();
    if (frame_.done()) return false;
    frame_.promise().caller = caller;
    return true;
  }
  T await_resume() {
    auto& promise = frame_.promise();
    if (promise.error) std::rethrow_exception(promise.error);
    return promise.take();
  }

 private:
  std::coroutine_handle<promise_type> frame_;
};

namespace detail {

template <class T>
Task<T> ValuePromise<T>::get_return_object() {
  return Task<T>(std::coroutine_handle<ValuePromise<T>>::from_promise(*this));
}
inline Task<void> ValuePromise<void>::get_return_object() {
  return Task<void>(std::coroutine_handle<ValuePromise<void>>::from_promise(*this));
}

/// Runs on its own, from its call on; nobody awaits it.
struct Detached {
  struct promise_type {
    Detached get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() { throw; }  // on_end threw: nobody is left to tell
  };
};

template <class OnEnd>
Detached run_detached(Task<void> task, OnEnd on_end) {
  std::exception_ptr error;
  {
    auto running = std::move(task);  // gone before on_end: that may end what it works on
    try {
      co_await running;
    } catch (...) {
      error = std::current_exception();
    }
  }
  on_end(error);
}

}  // namespace detail

/// To await two at once: ends when both have ended, with the exception of one of them if there was
/// one.
class [[nodiscard]] Both {
 public:
  Both(Task<void> first, Task<void> second)
      : first_(std::move(first)), second_(std::move(second)) {}
  Both(const Both&) = delete;
  Both& operator=(const Both&) = delete;

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> caller) {
    const auto on_end = [this](std::exception_ptr error) {
      if (error) error_ = std::move(error);
      if (--under_way_ == 0 && caller_) caller_.resume();  // after which this may be no more
    };
    detail::run_detached(std::move(first_), on_end);
    detail::run_detached(std::move(second_), on_end);
    if (under_way_ == 0) return false;
    caller_ = caller;
    return true;
  }
  void await_resume() const {
    if (error_) std::rethrow_exception(error_);
  }

 private:
  Task<void> first_;
  Task<void> second_;
  int under_way_ = 2;
  std::exception_ptr error_;
  std::coroutine_handle<> caller_;  // null until it waits
};

}  // namespace foreword::proxy
