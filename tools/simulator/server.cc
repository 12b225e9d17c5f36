#include "simulator/server.h"

#include <algorithm>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "simulator/session.h"

namespace foreword::simulator {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr auto kToken = asio::as_tuple(asio::use_awaitable);
/// Out of descriptors, most likely: give sessions the time to end.
constexpr std::chrono::milliseconds kAcceptRetry{50};

/// A session ends by itself; what it could throw is a lack of memory, which ends that session only.
void session_ended(const std::exception_ptr&) {}

asio::awaitable<void> accept_connections(tcp::acceptor& acceptor, asio::io_context& io,
                                         Simulator& simulator) {
  while (acceptor.is_open()) {
    const auto strand = asio::make_strand(io);
    auto [error, socket] = co_await acceptor.async_accept(strand, kToken);
    if (error == asio::error::operation_aborted) co_return;
    if (error) {
      asio::steady_timer timer(io, kAcceptRetry);
      co_await timer.async_wait(kToken);
      continue;
    }
    asio::co_spawn(strand, run_session(std::move(socket), simulator), session_ended);
  }
}

}  // namespace

struct Server::Impl {
  explicit Impl(const Options& given) : options(given), simulator(given) {}

  const Options options;
  Simulator simulator;
  asio::io_context io;  // behind the simulator: its sessions refer to it, and go first
  tcp::acceptor acceptor{io};
  std::mutex join_mutex;
  std::vector<std::thread> threads;
};

Server::Server(const Options& options) : impl_(std::make_unique<Impl>(options)) {}

Server::~Server() {
  stop();
}

config::Result<void> Server::start() {
  const Options& options = impl_->options;
  auto& acceptor = impl_->acceptor;
  boost::system::error_code error;
  const auto address = asio::ip::make_address(options.host, error);
  const tcp::endpoint endpoint(address, options.port);
  if (!error) acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    return config::Error{
        fmt::format("simulator: cannot listen on {}:{}: {}; choose another address", options.host,
                    options.port, error.message())};
  }
  asio::co_spawn(impl_->io, accept_connections(acceptor, impl_->io, impl_->simulator),
                 session_ended);
  for (unsigned i = 0; i < std::max(1u, options.threads); ++i) {
    impl_->threads.emplace_back([this] { impl_->io.run(); });
  }
  return {};
}

std::uint16_t Server::port() const {
  boost::system::error_code ignored;
  return impl_->acceptor.local_endpoint(ignored).port();
}

void Server::join() {
  const std::lock_guard lock(impl_->join_mutex);
  for (auto& thread : impl_->threads) {
    if (thread.joinable()) thread.join();
  }
}

void Server::stop() {
  impl_->io.stop();
  join();
}

void Server::advance(std::chrono::seconds by) {
  impl_->simulator.clock().advance(by);
}

}  // namespace foreword::simulator
