#include "proxy/upstream_pool.h"

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

Task<std::shared_ptr<const Resolution>> UpstreamPool::known_addresses() {
  const auto end = SteadyClock::now() + settings_.connect_timeout;
  Timer timer(context_.get_executor());
  auto addresses = upstream_.addresses()->current();
  while (addresses->pending && SteadyClock::now() < end) {
    timer.expires_after(config::limits::kResolveTick);
    co_await timer.async_wait(use_tuple);
    addresses = upstream_.addresses()->current();
  }
  co_return addresses;
}

Task<std::optional<Failure>> UpstreamPool::connect(std::unique_ptr<Transport>& connection) {
  const auto addresses = co_await known_addresses();
  if (addresses->endpoints.empty()) co_return unreachable(addresses->error);
  connection = std::make_unique<Transport>(deadlines_, Socket(context_.get_executor()));
  connection->expires_after(settings_.connect_timeout);
  error_code error;
  for (const auto& endpoint : addresses->endpoints) {
    error = co_await connection->connect(endpoint);
    if (!error || connection->timed_out()) break;
  }
  const auto& url = upstream_.settings().base_url;
  if (!error && url.tls) {
    error = co_await connection->start_tls(upstream_.tls(), url.host);
  }
  if (connection->timed_out()) {
    co_return unreachable("no connection within connect_timeout_ms");
  }
  if (error) co_return unreachable(error.message());
  connection->expires_never();
  co_return std::nullopt;
}

void UpstreamPool::put_back(std::unique_ptr<Transport> connection) {
  if (!connection->open() || idle_.size() >= config::limits::kMaxIdleUpstreamPerShard) return;
  connection->expires_after(config::limits::kUpstreamIdleTimeout);
  idle_.push_back(std::move(connection));
}

}  // namespace foreword::proxy
