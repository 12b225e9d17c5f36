#include "tools/bench/load.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <system_error>

#include <fmt/format.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "tools/bench/prompts.h"

namespace foreword::bench {
namespace {

using Clock = std::chrono::steady_clock;

/// No answer within this is a stall: the run ends.
constexpr int kPatienceMs = 20'000;
constexpr std::string_view kEndOfHead = "\r\n\r\n";
constexpr std::string_view kStatus = "HTTP/1.1 200 ";

std::string excerpt(std::string_view answer) {
  return fmt::format("'{}'", answer.substr(0, std::min<std::size_t>(answer.size(), 400)));
}

/// The number in the field `name` of a head; nothing is more lenient than it has to be here.
std::size_t number_in_field(std::string_view head, std::string_view name) {
  for (std::size_t line = head.find("\r\n"); line != std::string_view::npos;
       line = head.find("\r\n", line + 2)) {
    const auto rest = head.substr(line + 2);
    if (rest.size() <= name.size() || rest[name.size()] != ':') continue;
    if (::strncasecmp(rest.data(), name.data(), name.size()) != 0) continue;
    const auto digits = rest.find_first_not_of(' ', name.size() + 1);
    std::size_t number = 0;
    const auto [end, error] =
        std::from_chars(rest.data() + digits, rest.data() + rest.size(), number);
    if (error == std::errc()) return number;
  }
  throw WrongAnswer(fmt::format("an answer has no {}: {}", name, excerpt(head)));
}

}  // namespace

std::size_t answer_bytes(std::string_view begin) {
  const auto end = begin.find(kEndOfHead);
  if (end == std::string_view::npos) return 0;
  if (!begin.starts_with(kStatus)) throw WrongAnswer("an answer is not 200: " + excerpt(begin));
  return end + kEndOfHead.size() + number_in_field(begin.substr(0, end + 2), "content-length");
}

void check_answer(std::string_view answer, std::size_t least_received) {
  const auto size = answer_bytes(answer);
  if (size != answer.size()) throw WrongAnswer("an answer has bytes behind it: " + excerpt(answer));
  const auto end_of_head = answer.find(kEndOfHead);
  if (answer.substr(end_of_head + kEndOfHead.size()) != answer_body())
    throw WrongAnswer("an answer's body is not what the upstream sent: " + excerpt(answer));
  const auto received = number_in_field(answer.substr(0, end_of_head + 2), kReceivedField);
  if (received < least_received) {
    throw WrongAnswer(fmt::format("the upstream received {} bytes of body instead of {}", received,
                                  least_received));
  }
}

class LoadConnection {
 public:
  LoadConnection(std::uint16_t port, const Request& request)
      : socket_(connect_to(port)), request_(&request) {}

  [[nodiscard]] const Fd& socket() const { return socket_; }
  [[nodiscard]] bool busy() const { return busy_; }
  [[nodiscard]] double latency_us() const {
    return std::chrono::duration<double, std::micro>(Clock::now() - began_).count();
  }

  void begin() {
    busy_ = true;
    sent_ = 0;
    received_ = 0;
    began_ = Clock::now();
    send_some();
  }

  void send_some() {
    const auto total = request_->head.size() + request_->body.size();
    while (sent_ < total) {
      const auto in_head = std::min(sent_, request_->head.size());
      const auto in_body = sent_ - in_head;
      std::array<iovec, 2> pieces{};
      pieces[0].iov_base = const_cast<char*>(request_->head.data() + in_head);
      pieces[0].iov_len = request_->head.size() - in_head;
      pieces[1].iov_base = const_cast<char*>(request_->body.data() + in_body);
      pieces[1].iov_len = request_->body.size() - in_body;
      msghdr message{};
      message.msg_iov = pieces.data();
      message.msg_iovlen = pieces.size();
      const auto n = ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL);
      if (n < 0 && errno == EAGAIN) return;
      if (n < 0) throw std::system_error(errno, std::generic_category(), "cannot send a request");
      sent_ += static_cast<std::size_t>(n);
    }
  }

  /// True: the answer is complete, and right.
  bool receive_some() {
    for (;;) {
      const auto n =
          ::recv(socket_.get(), answer_.data() + received_, answer_.size() - received_, 0);
      if (n < 0 && errno == EAGAIN) return false;
      if (n < 0) throw std::system_error(errno, std::generic_category(), "cannot read an answer");
      if (n == 0) throw WrongAnswer("a connection was closed before its answer was complete");
      received_ += static_cast<std::size_t>(n);
      const std::string_view answer(answer_.data(), received_);
      const auto whole = answer_bytes(answer);
      if (whole > answer_.size()) throw WrongAnswer("an answer is too long: " + excerpt(answer));
      if (whole == 0 || received_ < whole) continue;
      check_answer(answer, request_->least_received);
      busy_ = false;
      return true;
    }
  }

 private:
  Fd socket_;
  const Request* request_;
  bool busy_ = false;
  std::size_t sent_ = 0;
  std::size_t received_ = 0;
  Clock::time_point began_;
  std::array<char, 2048> answer_{};
};

Load::Load(std::uint16_t port, const Request& request, std::size_t connections)
    : request_(request) {
  connections_.reserve(connections);
  for (std::size_t i = 0; i < connections; ++i) {
    auto& connection = connections_.emplace_back(port, request_);
    epoll_.add(connection.socket(), EPOLLIN | EPOLLOUT, i);
    to_start_ = to_finish_ = 1;
    start_next(connection);
    finish_all();
  }
}

Load::~Load() = default;

Burst Load::run(std::size_t requests) {
  burst_ = Burst();
  burst_.latencies_us.reserve(requests);
  to_start_ = requests;
  to_finish_ = requests;
  const auto began = Clock::now();
  for (auto& connection : connections_) start_next(connection);
  finish_all();
  burst_.seconds = std::chrono::duration<double>(Clock::now() - began).count();
  return std::move(burst_);
}

void Load::finish_all() {
  while (to_finish_ > 0) {
    const auto events = epoll_.wait(kPatienceMs);
    if (events.empty()) throw WrongAnswer(fmt::format("no answer came within {} ms", kPatienceMs));
    for (const auto& event : events) advance(connections_[event.data.u64]);
  }
}

void Load::start_next(LoadConnection& connection) {
  if (to_start_ == 0) return;
  --to_start_;
  connection.begin();
}

void Load::advance(LoadConnection& connection) {
  if (!connection.busy()) return;
  connection.send_some();
  if (!connection.receive_some()) return;
  burst_.latencies_us.push_back(connection.latency_us());
  --to_finish_;
  start_next(connection);
}

}  // namespace foreword::bench
