// A shard's connections to one upstream: idle ones are used again, new ones made as needed.
//
// Not thread-safe: belongs to one shard.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "config/settings.h"
#include "proxy/block_pool.h"
#include "proxy/failure.h"
#include "proxy/tls_client.h"
#include "proxy/transport.h"
#include "proxy/upstream.h"

namespace foreword::proxy {

class UpstreamPool {
 public:
  /// `blocks` outlives every connection.
  UpstreamPool(asio::io_context& context, Deadlines& deadlines, BlockPool& blocks,
               Upstream& upstream, const config::ProxySettings& settings)
      : context_(context),
        deadlines_(deadlines),
        blocks_(blocks),
        upstream_(upstream),
        settings_(settings) {}

  [[nodiscard]] Upstream& upstream() const { return upstream_; }

  /// An idle connection that is still quiet, the one used last first; or nullptr.
  [[nodiscard]] std::unique_ptr<Transport> take_idle();
  /// Connects, within connect_timeout for all addresses together; each gets its share of it. Gives
  /// up as soon as `unwanted` is set and `connection` closed.
  Task<std::optional<Failure>> connect(std::unique_ptr<Transport>& connection,
                                       const bool& unwanted);
  /// Keeps a connection whose last answer was read to its end, for so long.
  void put_back(std::unique_ptr<Transport> connection, std::chrono::seconds idle_time);
  void close_idle() { idle_.clear(); }

 private:
  /// Waits for the first look-up of the name, at most for connect_timeout: only right after the
  /// start.
  Task<std::shared_ptr<const Resolution>> known_addresses(const bool& unwanted);
  [[nodiscard]] Failure unreachable(std::string_view reason) const;
  /// Nothing: TLS is established.
  Task<std::optional<Failure>> start_tls(Transport& connection);
  asio::io_context& context_;
  Deadlines& deadlines_;
  BlockPool& blocks_;
  Upstream& upstream_;
  const config::ProxySettings& settings_;
  TlsSessions sessions_;  // before the connections that are opened with it
  std::vector<std::unique_ptr<Transport>> idle_;
};

}  // namespace foreword::proxy
