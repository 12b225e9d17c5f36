// The only door to Asio, Beast and OpenSSL: types with one concrete executor, and the completion
// token under which every operation returns its error as a value.
//
// g++ 12 miscompiles temporaries next to co_await: a full expression that contains co_await holds
// only names, std::move, calls and literals (tools/tidy.py enforces it).
#pragma once

#include <algorithm>
#include <chrono>
#include <coroutine>
#include <cstddef>
#include <memory>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include <boost/asio/async_result.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "proxy/task.h"

namespace foreword::proxy {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;

using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<tcp, Executor>;
using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;
using SteadyClock = std::chrono::steady_clock;
using Timer = asio::basic_waitable_timer<SteadyClock, asio::wait_traits<SteadyClock>, Executor>;

/// Pieces that are sent with one gather write.
using Gather = std::vector<asio::const_buffer>;

/// Drops the first `bytes` bytes, and empty pieces behind them, of `pieces` from `first` on.
inline void consume(Gather& pieces, std::size_t& first, std::size_t bytes) {
  for (; first < pieces.size(); ++first) {
    const auto step = std::min(bytes, pieces[first].size());
    pieces[first] += step;
    bytes -= step;
    if (pieces[first].size() > 0) return;
  }
}

/// Deleter of a C library's object.
template <auto free_object>
struct FreedBy {
  template <class T>
  void operator()(T* object) const {
    free_object(object);
  }
};
/// One connection's TLS state, and what many connections share.
using Ssl = std::unique_ptr<SSL, FreedBy<SSL_free>>;
using SslContext = std::unique_ptr<SSL_CTX, FreedBy<SSL_CTX_free>>;

struct IoResult {
  error_code error;
  std::size_t bytes = 0;
};

namespace detail {

/// One of Asio's operations: begins when it is awaited, ends in the loop.
template <class Initiation, class Arguments, class Results>
class Operation {
 public:
  Operation(Initiation&& initiation, Arguments&& arguments)
      : initiation_(std::move(initiation)), arguments_(std::move(arguments)) {}

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> caller) {
    std::apply(
        [&](auto&... arguments) {
          std::move(initiation_)(Handler{this, caller}, std::move(arguments)...);
        },
        arguments_);
  }
  Results await_resume() { return std::move(*results_); }

 private:
  struct Handler {
    Operation* operation;
    std::coroutine_handle<> caller;
    template <class... Values>
    void operator()(Values&&... values) {
      operation->results_.emplace(std::forward<Values>(values)...);
      caller.resume();
    }
  };

  Initiation initiation_;
  Arguments arguments_;
  std::optional<Results> results_;
};

}  // namespace detail

/// The completion token under which every operation returns its error as a value: a tuple of what
/// the operation completes with.
struct UseTuple {};
inline constexpr UseTuple use_tuple{};

/// Starts `task` at the loop's next turn; `on_end(std::exception_ptr)` is called when it has ended.
template <class OnEnd>
void spawn(const Executor& executor, Task<void> task, OnEnd on_end) {
  asio::post(executor, [task = std::move(task), on_end = std::move(on_end)]() mutable {
    detail::run_detached(std::move(task), std::move(on_end));
  });
}

}  // namespace foreword::proxy

template <class Return, class... Values>
class boost::asio::async_result<foreword::proxy::UseTuple, Return(Values...)> {
 public:
  template <class Initiation, class... Arguments>
  static auto initiate(Initiation initiation, foreword::proxy::UseTuple, Arguments... arguments) {
    using All = std::tuple<Arguments...>;
    return foreword::proxy::detail::Operation<Initiation, All, std::tuple<std::decay_t<Values>...>>(
        std::move(initiation), All(std::move(arguments)...));
  }
};
