#include "proxy/shard.h"

#include <exception>
#include <utility>

#include <sys/socket.h>

#include "proxy/exchange.h"
#include "proxy/log.h"
#include "proxy/session.h"

namespace foreword::proxy {
namespace {

using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

std::mt19937_64 seeded() {
  std::random_device device;
  std::seed_seq seed{device(), device(), device(), device()};
  return std::mt19937_64(seed);
}

void abandon(Connection& connection) {
  if (connection.exchange != nullptr) connection.exchange->abandon();
  connection.transport.close();
}

}  // namespace

Shard::Shard(const Services& services, const std::vector<std::unique_ptr<Upstream>>& upstreams)
    : services_(services), random_(seeded()) {
  deadlines_.add(bodies_);
  for (const auto& upstream : upstreams) {
    pools_.push_back(std::make_unique<UpstreamPool>(context_, deadlines_, blocks_, *upstream,
                                                    services.settings.proxy));
  }
}

error_code Shard::listen(const tcp::endpoint& endpoint) {
  error_code error;
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_.set_option(ReusePort(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  return error;
}

tcp::endpoint Shard::local_endpoint() const {
  error_code error;
  return acceptor_.local_endpoint(error);
}

UpstreamPool& Shard::pool_of(const config::UpstreamSettings& upstream) {
  for (auto& pool : pools_) {
    if (pool->upstream().settings().name == upstream.name) return *pool;
  }
  std::terminate();  // pools are made from the same settings that name the upstream
}

cache::RequestId Shard::next_request_id(config::TimePoint now) {
  const auto high = static_cast<std::uint16_t>(random_());
  return cache::make_request_id(now, high, random_());
}

void Shard::run() {
  const auto rethrow = [](std::exception_ptr error) {
    if (error) std::rethrow_exception(error);
  };
  spawn(executor(), deadlines_.run(), rethrow);
  spawn(executor(), accept_loop(), rethrow);
  context_.run();
}

void Shard::stop() {
  asio::post(context_, [this] {
    if (std::exchange(draining_, true)) return;
    error_code ignored;
    acceptor_.close(ignored);
    const auto log_failure = [](std::exception_ptr error) { log_exception("drain", error); };
    spawn(executor(), drain(), log_failure);
  });
}

Task<void> Shard::drain() {
  for (auto it = connections_.begin(); it != connections_.end();) {
    Connection& connection = *it++;
    // A request that has come meanwhile is served like those that run.
    if (connection.idle && connection.transport.quiet()) connection.transport.close();
  }
  const auto end = SteadyClock::now() + services_.settings.proxy.drain_timeout;
  Timer timer(context_.get_executor());
  while (sessions_ > 0 && SteadyClock::now() < end) {
    timer.expires_after(config::limits::kDrainTick);
    co_await timer.async_wait(use_tuple);
  }
  while (sessions_ > 0) {  // again each time: one may just have been given its upstream connection
    for (auto it = connections_.begin(); it != connections_.end();) abandon(*it++);
    timer.expires_after(config::limits::kDrainTick);
    co_await timer.async_wait(use_tuple);
  }
  for (auto& pool : pools_) pool->close_idle();
  deadlines_.stop();
}

Task<void> Shard::accept_loop() {
  const auto most = services_.settings.proxy.max_connections;
  Timer pause(context_.get_executor());
  while (!draining_) {
    Socket socket(context_.get_executor());
    const auto [error] = co_await acceptor_.async_accept(socket, use_tuple);
    if (draining_) break;
    if (error) {
      // Out of file descriptors, say: connections that end make room.
      log_warning("accept", error.message());
      pause.expires_after(config::limits::kAcceptPause);
      co_await pause.async_wait(use_tuple);
      continue;
    }
    const auto open = services_.counters.connections.load(std::memory_order_relaxed);
    if (open >= most + config::limits::kRefusedConnections) continue;
    start_session(std::move(socket), open >= most);
  }
}

void Shard::start_session(Socket socket, bool refused) {
  const auto max_head_bytes = services_.settings.proxy.max_head_bytes;
  auto connection =
      std::make_unique<Connection>(deadlines_, blocks_, max_head_bytes, std::move(socket));
  connection->refused = refused;
  connections_.push_back(*connection);
  ++sessions_;
  ++services_.counters.connections;
  auto session = run_session(*this, std::move(connection));
  spawn(executor(), std::move(session), [this](std::exception_ptr error) {
    --sessions_;
    --services_.counters.connections;
    if (!error) return;
    ++services_.counters.broken_sessions;
    log_exception("session", error);
  });
}

}  // namespace foreword::proxy
