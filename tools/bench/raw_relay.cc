#include "tools/bench/raw_relay.h"

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <sys/socket.h>

namespace foreword::bench {
namespace {

constexpr std::size_t kScratchBytes = 256u << 10;
constexpr std::uint64_t kListenerData = ~std::uint64_t{0};

/// One socket of a pair, and what it did not take yet.
struct Side {
  Fd socket;
  std::string outgoing;
};

struct Pair {
  Side client;
  Side upstream;
};

class RawRelay {
 public:
  RawRelay(const Fd& listener, std::uint16_t upstream_port)
      : listener_(listener), upstream_port_(upstream_port) {
    epoll_.add(listener_, EPOLLIN, kListenerData);
  }

  void turn() {
    for (const auto& event : epoll_.wait(-1)) {
      if (event.data.u64 == kListenerData) {
        accept_all();
        continue;
      }
      auto& pair = pairs_[event.data.u64];
      if (!pair) continue;  // closed by an earlier event of this turn
      const bool from_client =
          static_cast<std::uint64_t>(pair->client.socket.get()) == event.data.u64;
      auto& here = from_client ? pair->client : pair->upstream;
      auto& there = from_client ? pair->upstream : pair->client;
      if (!on_event(event.events, here, there)) close(pair);
    }
  }

 private:
  void accept_all() {
    while (auto socket = accept_from(listener_)) {
      auto pair = std::make_shared<Pair>();
      pair->client.socket = std::move(socket);
      pair->upstream.socket = connect_to(upstream_port_);
      watch(pair->client, pair);
      watch(pair->upstream, pair);
    }
  }

  void watch(const Side& side, const std::shared_ptr<Pair>& pair) {
    const auto fd = static_cast<std::size_t>(side.socket.get());
    if (pairs_.size() <= fd) pairs_.resize(fd + 1);
    pairs_[fd] = pair;
    epoll_.add(side.socket, EPOLLIN | EPOLLOUT | EPOLLRDHUP, fd);
  }

  void close(std::shared_ptr<Pair> pair) {
    pairs_[static_cast<std::size_t>(pair->client.socket.get())].reset();
    pairs_[static_cast<std::size_t>(pair->upstream.socket.get())].reset();
  }

  /// False: the pair is done.
  bool on_event(std::uint32_t events, Side& here, Side& there) {
    const bool room = (events & EPOLLOUT) != 0 && !here.outgoing.empty();
    if (room && (!flush(here) || !move(there, here, true))) return false;
    const bool ending = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    const bool readable = ending || (events & EPOLLIN) != 0;
    return !readable || move(here, there, ending);
  }

  bool flush(Side& side) {
    const auto n = send_some(side, side.outgoing);
    if (n < 0) return false;
    side.outgoing.erase(0, static_cast<std::size_t>(n));
    return true;
  }

  /// Until there is nothing to read, or no room to write. Without `to_the_end`, a read that did not
  /// fill the scratch is taken for the last one: what comes later is another event.
  bool move(Side& from, Side& to, bool to_the_end) {
    while (to.outgoing.empty()) {
      const auto n = ::recv(from.socket.get(), scratch_.data(), scratch_.size(), 0);
      if (n < 0) return errno == EAGAIN;
      if (n == 0) return false;
      const std::string_view bytes(scratch_.data(), static_cast<std::size_t>(n));
      const auto sent = send_some(to, bytes);
      if (sent < 0) return false;
      to.outgoing = bytes.substr(static_cast<std::size_t>(sent));
      if (bytes.size() < scratch_.size() && !to_the_end) return true;
    }
    return true;
  }

  static ssize_t send_some(const Side& side, std::string_view bytes) {
    const auto n = ::send(side.socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    return n < 0 && errno == EAGAIN ? 0 : n;
  }

  const Fd& listener_;
  std::uint16_t upstream_port_;
  Epoll epoll_;
  std::vector<std::shared_ptr<Pair>> pairs_;  // by descriptor: each stands there twice
  std::vector<char> scratch_ = std::vector<char>(kScratchBytes);
};

}  // namespace

void run_raw_relay(const Fd& listener, std::uint16_t upstream_port) {
  RawRelay relay(listener, upstream_port);
  for (;;) relay.turn();
}

}  // namespace foreword::bench
