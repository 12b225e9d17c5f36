// TCP on loopback without the proxy's code: what measures must not share what is measured.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <utility>

#include <sys/epoll.h>

namespace foreword::bench {

/// Owns a file descriptor.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  ~Fd() { reset(); }
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  [[nodiscard]] int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  void reset();

 private:
  int fd_ = -1;
};

/// All of these throw std::system_error, but accept_from() and try_connect_to().
[[nodiscard]] Fd listen_on_loopback();
[[nodiscard]] std::uint16_t port_of(const Fd& socket);
/// Not blocking, TCP_NODELAY. Empty: nobody waits.
[[nodiscard]] Fd accept_from(const Fd& listener);
[[nodiscard]] Fd connect_to(std::uint16_t port);
/// Empty: nobody listens.
[[nodiscard]] Fd try_connect_to(std::uint16_t port);
/// One that nobody listens on just now.
[[nodiscard]] std::uint16_t free_port();

/// Edge-triggered readiness. `data` of an event is what was given to add().
class Epoll {
 public:
  Epoll();
  void add(const Fd& socket, std::uint32_t events, std::uint64_t data);
  /// At most `timeout_ms`; -1: without end. Throws Interrupted.
  [[nodiscard]] std::span<const epoll_event> wait(int timeout_ms);

 private:
  Fd fd_;
  std::array<epoll_event, 256> events_{};
};

/// As many open files as the system allows this process and its children; returns how many.
std::size_t raise_open_files();

}  // namespace foreword::bench
