#include "tools/bench/sockets.h"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tools/bench/interrupt.h"

namespace foreword::bench {
namespace {

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

void set_flag(const Fd& socket, int level, int name) {
  const int on = 1;
  ::setsockopt(socket.get(), level, name, &on, sizeof(on));
}

Fd new_socket() {
  Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket) fail("cannot make a socket");
  return socket;
}

void bind_to(const Fd& socket, std::uint16_t port) {
  const auto address = loopback(port);
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
    fail("cannot bind to a port of 127.0.0.1");
}

}  // namespace

void Fd::reset() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

Fd listen_on_loopback() {
  auto socket = new_socket();
  bind_to(socket, 0);
  if (::listen(socket.get(), 4096) != 0) fail("cannot listen");
  ::fcntl(socket.get(), F_SETFL, O_NONBLOCK);
  return socket;
}

std::uint16_t port_of(const Fd& socket) {
  sockaddr_in address{};
  socklen_t size = sizeof(address);
  if (::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
    fail("cannot read a socket's port");
  return ntohs(address.sin_port);
}

Fd accept_from(const Fd& listener) {
  Fd socket(::accept4(listener.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (socket) set_flag(socket, IPPROTO_TCP, TCP_NODELAY);
  return socket;
}

Fd try_connect_to(std::uint16_t port) {
  auto socket = new_socket();
  const auto address = loopback(port);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    check_interrupt();
    return Fd();
  }
  set_flag(socket, IPPROTO_TCP, TCP_NODELAY);
  ::fcntl(socket.get(), F_SETFL, O_NONBLOCK);
  return socket;
}

Fd connect_to(std::uint16_t port) {
  auto socket = try_connect_to(port);
  if (!socket) fail("cannot connect to a port of 127.0.0.1");
  return socket;
}

std::uint16_t free_port() {
  const auto socket = new_socket();
  bind_to(socket, 0);
  return port_of(socket);
}

Epoll::Epoll() : fd_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (!fd_) fail("cannot make an epoll");
}

void Epoll::add(const Fd& socket, std::uint32_t events, std::uint64_t data) {
  epoll_event event{};
  event.events = events | EPOLLET;
  event.data.u64 = data;
  if (::epoll_ctl(fd_.get(), EPOLL_CTL_ADD, socket.get(), &event) != 0)
    fail("cannot watch a socket");
}

std::span<const epoll_event> Epoll::wait(int timeout_ms) {
  const int count =
      ::epoll_wait(fd_.get(), events_.data(), static_cast<int>(events_.size()), timeout_ms);
  check_interrupt();
  if (count < 0 && errno != EINTR) fail("cannot wait for sockets");
  return std::span<const epoll_event>(events_.data(), static_cast<std::size_t>(std::max(count, 0)));
}

std::size_t raise_open_files() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<std::size_t>(limit.rlim_cur);
}

}  // namespace foreword::bench
