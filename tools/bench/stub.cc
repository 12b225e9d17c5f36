#include "tools/bench/stub.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <string_view>
#include <vector>

#include <sys/socket.h>

#include "tools/bench/prompts.h"

namespace foreword::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kScratchBytes = 256u << 10;
constexpr std::string_view kEndOfHead = "\r\n\r\n";
constexpr std::uint64_t kListenerData = ~std::uint64_t{0};

/// The number behind `name` (with its colon, in lower case) in a head in lower case.
std::optional<std::size_t> number_after(std::string_view head, std::string_view name) {
  const auto at = head.find(name);
  if (at == std::string_view::npos) return std::nullopt;
  const auto digits = head.find_first_not_of(' ', at + name.size());
  if (digits == std::string_view::npos) return std::nullopt;
  std::size_t number = 0;
  const auto [end, error] =
      std::from_chars(head.data() + digits, head.data() + head.size(), number);
  return error == std::errc() ? std::optional(number) : std::nullopt;
}

std::optional<StreamShape> stream_of(std::string_view head) {
  static const std::string name = "\r\n" + std::string(kStreamField) + ":";
  const auto events = number_after(head, name);
  if (!events) return std::nullopt;
  const auto comma = head.find(',', head.find(name));
  StreamShape shape;
  shape.events = *events;
  shape.interval_ms = number_after(head.substr(comma), ",").value_or(0);
  return shape;
}

struct Peer {
  Fd socket;
  std::uint64_t serial = 0;  // tells it from an earlier one on the same descriptor
  std::string head;
  bool in_body = false;
  std::size_t body_left = 0;
  std::size_t body_bytes = 0;
  std::optional<StreamShape> stream;
  std::size_t events_left = 0;
  std::string outgoing;  // what the socket did not take yet
};

struct DueEvent {
  Clock::time_point at;
  std::uint64_t fd = 0;
  std::uint64_t serial = 0;
  bool operator>(const DueEvent& other) const { return at > other.at; }
};

class Stub {
 public:
  explicit Stub(const Fd& listener) : listener_(listener) {
    epoll_.add(listener_, EPOLLIN, kListenerData);
  }

  void turn() {
    for (const auto& event : epoll_.wait(milliseconds_to_next_event())) {
      if (event.data.u64 == kListenerData) {
        accept_all();
      } else if (auto* peer = peer_at(event.data.u64); peer != nullptr) {
        if ((event.events & EPOLLOUT) != 0) send(*peer, "");
        const bool ending = (event.events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
        if (ending || (event.events & EPOLLIN) != 0) receive(*peer, ending);
      }
    }
    send_due_events();
  }

 private:
  Peer* peer_at(std::uint64_t fd) { return fd < peers_.size() ? peers_[fd].get() : nullptr; }

  void accept_all() {
    while (auto socket = accept_from(listener_)) {
      const auto fd = static_cast<std::uint64_t>(socket.get());
      if (peers_.size() <= fd) peers_.resize(fd + 1);
      auto peer = std::make_unique<Peer>();
      peer->socket = std::move(socket);
      peer->serial = ++serial_;
      epoll_.add(peer->socket, EPOLLIN | EPOLLOUT | EPOLLRDHUP, fd);
      peers_[fd] = std::move(peer);
    }
  }

  void drop(const Peer& peer) { peers_[static_cast<std::size_t>(peer.socket.get())].reset(); }

  /// Without `to_the_end`, a read that did not fill the scratch is taken for the last one: what
  /// comes later is another event.
  void receive(Peer& peer, bool to_the_end) {
    for (;;) {
      const auto n = ::recv(peer.socket.get(), scratch_.data(), scratch_.size(), 0);
      if (n < 0 && errno == EAGAIN) return;
      if (n <= 0) return drop(peer);
      take(peer, std::string_view(scratch_.data(), static_cast<std::size_t>(n)));
      if (static_cast<std::size_t>(n) < scratch_.size() && !to_the_end) return;
    }
  }

  void take(Peer& peer, std::string_view bytes) {
    while (!bytes.empty()) {
      if (!peer.in_body) {
        const auto before = peer.head.size();
        peer.head += bytes;
        const auto end = peer.head.find(kEndOfHead);
        if (end == std::string::npos) return;
        bytes.remove_prefix(end + kEndOfHead.size() - before);
        begin_body(peer, end);
      }
      const auto step = std::min(bytes.size(), peer.body_left);
      bytes.remove_prefix(step);
      peer.body_left -= step;
      if (peer.body_left > 0) return;
      peer.in_body = false;
      peer.head.clear();
      begin_answer(peer);
    }
  }

  static void begin_body(Peer& peer, std::size_t head_bytes) {
    std::string head = peer.head.substr(0, head_bytes);
    for (char& c : head) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    peer.body_bytes = number_after(head, "\r\ncontent-length:").value_or(0);
    peer.body_left = peer.body_bytes;
    peer.stream = stream_of(head);
    peer.in_body = true;
  }

  void begin_answer(Peer& peer) {
    if (!peer.stream) return send(peer, answer(peer.body_bytes));
    send(peer, stream_beginning());
    peer.events_left = peer.stream->events;
    schedule(peer, Clock::now());
  }

  void schedule(const Peer& peer, Clock::time_point after) {
    DueEvent due;
    due.at = after + std::chrono::milliseconds(peer.stream->interval_ms);
    due.fd = static_cast<std::uint64_t>(peer.socket.get());
    due.serial = peer.serial;
    due_.push(due);
  }

  [[nodiscard]] int milliseconds_to_next_event() const {
    if (due_.empty()) return -1;
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(due_.top().at - Clock::now());
    return static_cast<int>(std::max<std::int64_t>(wait.count(), 0));
  }

  void send_due_events() {
    const auto now = Clock::now();
    while (!due_.empty() && due_.top().at <= now) {
      const auto due = due_.top();
      due_.pop();
      auto* peer = peer_at(due.fd);
      if (peer == nullptr || peer->serial != due.serial) continue;
      if (peer->events_left == 0) {
        send(*peer, stream_end());
      } else {
        --peer->events_left;
        schedule(*peer, due.at);  // from when it was due: the pace holds
        send(*peer, stream_event());
      }
    }
  }

  void send(Peer& peer, std::string_view bytes) {
    if (!peer.outgoing.empty()) {
      peer.outgoing += bytes;
      bytes = peer.outgoing;
    }
    if (bytes.empty()) return;
    const auto n = ::send(peer.socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    const auto sent = static_cast<std::size_t>(std::max<ssize_t>(n, 0));
    peer.outgoing = std::string(bytes.substr(sent));  // a broken connection is told by recv
  }

  const Fd& listener_;
  Epoll epoll_;
  std::vector<std::unique_ptr<Peer>> peers_;  // by descriptor
  std::uint64_t serial_ = 0;
  std::priority_queue<DueEvent, std::vector<DueEvent>, std::greater<>> due_;
  std::vector<char> scratch_ = std::vector<char>(kScratchBytes);
};

}  // namespace

void run_stub(const Fd& listener) {
  Stub stub(listener);
  for (;;) stub.turn();
}

}  // namespace foreword::bench
