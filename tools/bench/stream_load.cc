#include "tools/bench/stream_load.h"

#include <algorithm>
#include <cerrno>
#include <string_view>

#include <fmt/format.h>
#include <sys/socket.h>

#include "tools/bench/load.h"

namespace foreword::bench {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::size_t kScratchBytes = 64u << 10;
constexpr std::size_t kPromptBytes = 1024;
constexpr auto kPatience = 20s;

std::size_t count(std::string_view text, std::string_view mark) {
  std::size_t found = 0;
  for (auto at = text.find(mark); at != std::string_view::npos;
       at = text.find(mark, at + mark.size())) {
    ++found;
  }
  return found;
}

}  // namespace

StreamLoad::StreamLoad(std::uint16_t port, const Route& route, const StreamShape& shape,
                       std::size_t streams)
    : shape_(shape), port_(port), streams_(streams), scratch_(kScratchBytes) {
  const auto body = conversation(kPromptBytes, true);
  request_ = request_head(route, body.size(), shape) + body;
}

void StreamLoad::open() {
  const auto began = Clock::now();
  const auto spread = std::chrono::milliseconds(shape_.interval_ms);
  for (std::size_t i = 0; i < streams_.size(); ++i) {
    auto& stream = streams_[i];
    stream.socket = connect_to(port_);
    epoll_.add(stream.socket, EPOLLIN | EPOLLRDHUP, i);
    stream.last = Clock::now();
    const auto n = ::send(stream.socket.get(), request_.data(), request_.size(), MSG_NOSIGNAL);
    if (n != static_cast<ssize_t>(request_.size()))
      throw WrongAnswer("a proxy did not take a request of a kilobyte");
    while (Clock::now() < began + spread * (i + 1) / streams_.size()) read_for(1);
  }
  for (const auto end = Clock::now() + kPatience; begun_ < streams_.size();) {
    if (Clock::now() > end)
      throw WrongAnswer(fmt::format("only {} of {} streams began", begun_, streams_.size()));
    read_for(10);
  }
}

void StreamLoad::finish() {
  const auto length = std::chrono::milliseconds(shape_.interval_ms) * (shape_.events + 1);
  for (const auto end = Clock::now() + length + kPatience; ended_ < streams_.size();) {
    if (Clock::now() > end)
      throw WrongAnswer(fmt::format("only {} of {} streams ended", ended_, streams_.size()));
    read_for(10);
  }
}

void StreamLoad::read_for(int timeout_ms) {
  for (const auto& event : epoll_.wait(timeout_ms)) {
    auto& stream = streams_[event.data.u64];
    while (!stream.whole) {
      const auto n = ::recv(stream.socket.get(), scratch_.data(), scratch_.size(), 0);
      if (n < 0 && errno == EAGAIN) break;
      if (n <= 0) {
        throw WrongAnswer(
            fmt::format("a stream was cut after {} of {} events", stream.events, shape_.events));
      }
      take(stream, std::string_view(scratch_.data(), static_cast<std::size_t>(n)));
    }
  }
}

void StreamLoad::take(Stream& stream, std::string_view bytes) {
  const auto now = Clock::now();
  stream.tail += bytes;
  const auto events = count(stream.tail, kEventMark);
  if (events > 0) {
    const double waited = std::chrono::duration<double, std::milli>(now - stream.last).count();
    const auto expected = static_cast<double>(shape_.interval_ms);
    worst_stall_ms_ = std::max(worst_stall_ms_, waited - expected);
    stream.last = now;
    if (stream.events == 0) ++begun_;
    stream.events += events;
    events_ += events;
  }
  if (stream.tail.ends_with(kLastChunk)) {
    if (stream.events != shape_.events) {
      throw WrongAnswer(
          fmt::format("a stream ended after {} of {} events", stream.events, shape_.events));
    }
    stream.whole = true;
    ++ended_;
  }
  // Less than a mark: none is counted twice.
  const auto kept = std::min(stream.tail.size(), kEventMark.size() - 1);
  stream.tail.erase(0, stream.tail.size() - kept);
}

}  // namespace foreword::bench
