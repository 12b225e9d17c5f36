#include "proxy/upstream_pool.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "config/limits.h"

namespace foreword::proxy {

std::unique_ptr<Transport> UpstreamPool::take_idle() {
  while (!idle_.empty()) {
    auto connection = std::move(idle_.back());
    idle_.pop_back();
    if (!connection->open() || !connection->quiet()) continue;
    connection->expires_never();
    return connection;
  }
  return nullptr;
}

Failure UpstreamPool::unreachable(std::string_view reason) const {
  const auto& url = upstream_.settings().base_url;
  return Failure(
      FailureCode::upstream_unreachable,
      fmt::format("cannot reach upstream {} at {}:{}: {}; check upstream.{}.base_url and "
                  "the network",
                  upstream_.settings().name, url.host, url.port, reason,
                  upstream_.settings().name));
}

Task<std::shared_ptr<const Resolution>> UpstreamPool::known_addresses(const bool& unwanted) {
  const auto end = SteadyClock::now() + settings_.connect_timeout;
  Timer timer(context_.get_executor());
  auto addresses = upstream_.addresses()->current();
  while (addresses->pending && !unwanted && SteadyClock::now() < end) {
    timer.expires_after(config::limits::kResolveTick);
    co_await timer.async_wait(use_tuple);
    addresses = upstream_.addresses()->current();
  }
  co_return addresses;
}

Task<std::optional<Failure>> UpstreamPool::connect(std::unique_ptr<Transport>& connection,
                                                   const bool& unwanted) {
  using std::chrono::milliseconds;
  const auto end = SteadyClock::now() + settings_.connect_timeout;
  const auto left = [end] {
    return std::chrono::duration_cast<milliseconds>(end - SteadyClock::now());
  };
  const auto addresses = co_await known_addresses(unwanted);
  if (unwanted) co_return unreachable("the client has left");
  if (addresses->endpoints.empty()) co_return unreachable(addresses->error);
  connection = std::make_unique<Transport>(deadlines_, Socket(context_.get_executor()));
  error_code error;
  auto untried = static_cast<int>(addresses->endpoints.size());
  for (const auto& endpoint : addresses->endpoints) {
    // An address that does not answer must not use up the time of the next one.
    connection->expires_after(std::max(left() / untried--, milliseconds(0)));
    error = co_await connection->connect(endpoint);
    if (!error || unwanted) break;
  }
  if (unwanted) co_return unreachable("the client has left");
  if (connection->timed_out()) {
    co_return unreachable("no connection within connect_timeout_ms");
  }
  if (error) co_return unreachable(error.message());
  if (upstream_.tls() != nullptr) {
    connection->expires_after(std::max(left(), milliseconds(0)));
    auto failure = co_await start_tls(*connection);
    if (failure) co_return failure;
  }
  connection->expires_never();
  co_return std::nullopt;
}

Task<std::optional<Failure>> UpstreamPool::start_tls(Transport& connection) {
  auto ssl = upstream_.tls()->open(sessions_);
  const auto error = co_await connection.start_tls(std::move(ssl), blocks_);
  if (connection.timed_out()) {
    co_return unreachable("it did not finish the TLS handshake within connect_timeout_ms");
  }
  if (error) co_return unreachable(why_handshake_failed(connection.ssl(), error));
  co_return std::nullopt;
}

void UpstreamPool::put_back(std::unique_ptr<Transport> connection, std::chrono::seconds idle_time) {
  if (!connection->open() || idle_.size() >= config::limits::kMaxIdleUpstreamPerShard) return;
  connection->expires_after(idle_time);
  idle_.push_back(std::move(connection));
}

}  // namespace foreword::proxy
