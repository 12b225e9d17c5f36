// One thread's share of the proxy: its own event loop, acceptor, buffers and upstream connections.
//
// Nothing on the way of a request is shared between shards but the Services. Not thread-safe,
// except stop().
#pragma once

#include <memory>
#include <random>
#include <vector>

#include <boost/intrusive/list.hpp>

#include "proxy/block_pool.h"
#include "proxy/body_buffer.h"
#include "proxy/deadlines.h"
#include "proxy/message_reader.h"
#include "proxy/services.h"
#include "proxy/upstream_pool.h"

namespace foreword::proxy {

struct Exchange;

/// A client's connection, as the shard that serves it knows it.
struct Connection
    : boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
  Connection(Deadlines& deadlines, BlockPool& blocks, std::size_t max_head_bytes, Socket socket)
      : transport(deadlines, std::move(socket)), reader(transport, blocks, max_head_bytes) {}
  Transport transport;
  RequestReader reader;
  /// Between requests: a drain may close it at once.
  bool idle = true;
  /// Over max_connections: its first request is refused, and it is closed.
  bool refused = false;
  /// The request under way; a drain that has no time left abandons it.
  Exchange* exchange = nullptr;
};

class Shard {
 public:
  Shard(const Services& services, const std::vector<std::unique_ptr<Upstream>>& upstreams);
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  /// Binds its own listening socket to `endpoint`; several shards share a port.
  [[nodiscard]] error_code listen(const tcp::endpoint& endpoint);
  [[nodiscard]] tcp::endpoint local_endpoint() const;

  /// Serves until stop(), then until the last request is done or the drain time is over.
  void run();
  /// From any thread: stop accepting, finish what runs.
  void stop();

  [[nodiscard]] const Services& services() const { return services_; }
  [[nodiscard]] Executor executor() { return context_.get_executor(); }
  [[nodiscard]] BlockPool& blocks() { return blocks_; }
  [[nodiscard]] BodyPool& bodies() { return bodies_; }
  [[nodiscard]] Deadlines& deadlines() { return deadlines_; }
  [[nodiscard]] UpstreamPool& pool_of(const config::UpstreamSettings& upstream);
  [[nodiscard]] cache::RequestId next_request_id(config::TimePoint now);
  [[nodiscard]] bool draining() const { return draining_; }

 private:
  Task<void> accept_loop();
  Task<void> drain();
  void start_session(Socket socket, bool refused);

  const Services& services_;
  BlockPool blocks_;  // before what holds blocks: it has to be destroyed last
  BodyPool bodies_;   // the same
  // One thread does all the I/O, so the reactor needs no locks; stop() posts from another.
  asio::io_context context_{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
  Deadlines deadlines_{context_};
  Acceptor acceptor_{context_.get_executor()};
  std::vector<std::unique_ptr<UpstreamPool>> pools_;
  boost::intrusive::list<Connection, boost::intrusive::constant_time_size<false>> connections_;
  std::size_t sessions_ = 0;
  std::mt19937_64 random_;
  bool draining_ = false;
};

}  // namespace foreword::proxy
