#include "proxy/session.h"

#include <utility>

#include "config/limits.h"
#include "proxy/exchange.h"

namespace foreword::proxy {

Task<void> run_session(Shard& shard, std::unique_ptr<Connection> owned) {
  Connection& connection = *owned;
  const auto& settings = shard.services().settings.proxy;
  while (!shard.draining() && connection.transport.open()) {
    connection.idle = true;
    connection.transport.expires_after(connection.refused ? config::limits::kLingerTimeout
                                                          : settings.keep_alive_timeout);
    const auto waited = co_await connection.reader.wait_for_message();
    if (waited != ReadStatus::ok) break;
    connection.idle = false;
    connection.transport.expires_after(settings.request_timeout);
    const auto read = co_await connection.reader.read_head(true);
    const bool keep = co_await serve_request(shard, connection, read);
    if (!keep) break;
  }
  connection.transport.close();
}

}  // namespace foreword::proxy
