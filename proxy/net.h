// The only door to Asio, Beast and OpenSSL: types with one concrete executor, and the completion
// token under which every operation returns its error as a value.
//
// g++ 12 miscompiles temporaries next to co_await: a full expression that contains co_await holds
// only names, std::move, calls and literals (tools/tidy.py enforces it).
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace foreword::proxy {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;

using Executor = asio::io_context::executor_type;
template <class T>
using Task = asio::awaitable<T, Executor>;
using Socket = asio::basic_stream_socket<tcp, Executor>;
using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;
using SteadyClock = std::chrono::steady_clock;
using Timer = asio::basic_waitable_timer<SteadyClock, asio::wait_traits<SteadyClock>, Executor>;

inline constexpr asio::as_tuple_t<asio::use_awaitable_t<Executor>> use_tuple{};

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

}  // namespace foreword::proxy
