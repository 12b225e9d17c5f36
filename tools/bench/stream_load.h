// Many streams at once, each read to its end: what they cost the proxy, and whether any stalls.
//
// Runs in the bench's own thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tools/bench/prompts.h"
#include "tools/bench/sockets.h"

namespace foreword::bench {

class StreamLoad {
 public:
  StreamLoad(std::uint16_t port, const Route& route, const StreamShape& shape, std::size_t streams);

  /// Opens all of them, evenly over one interval, and reads until each has brought an event.
  void open();
  /// Reads to the end of all. Throws WrongAnswer when one is cut, short or not 200.
  void finish();
  /// Read so far.
  [[nodiscard]] std::size_t events() const { return events_; }
  /// The longest that an event of any stream came late, in milliseconds.
  [[nodiscard]] double worst_stall_ms() const { return worst_stall_ms_; }

 private:
  struct Stream {
    Fd socket;
    std::size_t events = 0;
    std::string tail;  // the end of what was read: a mark may be cut in two
    std::chrono::steady_clock::time_point last;
    bool whole = false;
  };
  void read_for(int timeout_ms);
  void take(Stream& stream, std::string_view bytes);

  StreamShape shape_;
  std::string request_;
  std::uint16_t port_;
  Epoll epoll_;
  std::vector<Stream> streams_;
  std::vector<char> scratch_;
  std::size_t begun_ = 0;
  std::size_t events_ = 0;
  std::size_t ended_ = 0;
  double worst_stall_ms_ = 0;
};

}  // namespace foreword::bench
