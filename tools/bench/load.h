// The client of the bench: keep-alive connections that send one request after the other, and look
// at every answer.
//
// Runs in the bench's own thread. An answer that is not the stub's, to the byte, ends the run with
// WrongAnswer: figures of a proxy that does not work are worth nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "tools/bench/sockets.h"

namespace foreword::bench {

struct WrongAnswer : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Head and body are viewed: they outlive the load.
struct Request {
  std::string_view head;
  std::string_view body;
  /// What the upstream has to receive at least; more where something is inserted.
  std::size_t least_received = 0;
};

/// Checks an answer that should be complete; throws WrongAnswer. Pure.
void check_answer(std::string_view answer, std::size_t least_received);
/// The length of an answer whose head is complete: of head and body. 0: the head is not complete.
/// Throws WrongAnswer for what is no answer with a length. Pure.
[[nodiscard]] std::size_t answer_bytes(std::string_view begin);

struct Burst {
  double seconds = 0;
  std::vector<double> latencies_us;  // one per request, in no order
};

class LoadConnection;

class Load {
 public:
  /// Connects one after the other, and sends one request over each.
  Load(std::uint16_t port, const Request& request, std::size_t connections);
  ~Load();
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  /// Sends that many requests in all and reads their answers.
  Burst run(std::size_t requests);

 private:
  void finish_all();
  void start_next(LoadConnection& connection);
  void advance(LoadConnection& connection);

  Request request_;
  Epoll epoll_;
  std::vector<LoadConnection> connections_;
  std::size_t to_start_ = 0;
  std::size_t to_finish_ = 0;
  Burst burst_;
};

}  // namespace foreword::bench
