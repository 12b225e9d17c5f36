#include "support/fake_upstream.h"

#include <cstdio>
#include <stdexcept>
#include <utility>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace foreword::test {

FakeUpstream::FakeUpstream(Handler handler, Reads reads)
    : FakeUpstream([](Wire&) { return true; }, "http", std::move(handler), reads) {}

FakeUpstream::FakeUpstream(const TlsContext& tls, Handler handler)
    : FakeUpstream([tls](Wire& wire) { return wire.accept_tls(tls); }, "https",
                   std::move(handler)) {}

FakeUpstream::FakeUpstream(Greeting greet, std::string scheme, Handler handler, Reads reads)
    : greet_(std::move(greet)),
      scheme_(std::move(scheme)),
      handler_(std::move(handler)),
      reads_(reads) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_, raw, size) != 0 || ::listen(listener_, 128) != 0 ||
      ::getsockname(listener_, raw, &size) != 0) {
    throw std::runtime_error("the fake upstream cannot listen");
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_loop(); });
}

FakeUpstream::~FakeUpstream() {
  stopping_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  ::close(listener_);
  for (auto& thread : threads_) thread.join();
}

void FakeUpstream::accept_loop() {
  while (!stopping_) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ++connections_;
    threads_.emplace_back([this, fd] { serve(Wire(fd)); });
  }
}

void FakeUpstream::serve(Wire wire) {
  if (!greet_(wire)) return;
  while (wire.open()) {
    auto request = read_message(wire, false, reads_ == Reads::messages);
    if (!request.complete) return;
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(request);
    }
    handler_(request, wire);
  }
}

std::vector<Message> FakeUpstream::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

Message FakeUpstream::last_request() const {
  const std::lock_guard lock(mutex_);
  if (requests_.empty()) {
    ADD_FAILURE() << "the upstream got no request";
    return {};
  }
  return requests_.back();
}

std::string ok_response(std::string_view body, std::string_view content_type) {
  return "HTTP/1.1 200 OK\r\nContent-Type: " + std::string(content_type) +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

std::string event_stream_head() {
  return "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n"
         "Transfer-Encoding: chunked\r\n\r\n";
}

std::string chunk(std::string_view data) {
  char size[32];
  std::snprintf(size, sizeof size, "%zx\r\n", data.size());
  return size + std::string(data) + "\r\n";
}

}  // namespace foreword::test
