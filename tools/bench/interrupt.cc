#include "tools/bench/interrupt.h"

#include <csignal>
#include <ctime>

namespace foreword::bench {
namespace {

volatile std::sig_atomic_t interrupted = 0;

void on_signal(int) {
  interrupted = 1;
}

void handle(void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;  // without SA_RESTART: what waits returns
  sigemptyset(&action.sa_mask);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaction(signal, &action, nullptr);
}

}  // namespace

void catch_interrupts() {
  handle(on_signal);
  std::signal(SIGPIPE, SIG_IGN);
}

void restore_interrupts() {
  handle(SIG_DFL);
  std::signal(SIGPIPE, SIG_DFL);
}

void check_interrupt() {
  if (interrupted != 0) throw Interrupted();
}

void pause_for(std::chrono::milliseconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  for (;;) {
    check_interrupt();
    const auto left = end - std::chrono::steady_clock::now();
    if (left.count() <= 0) return;
    const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(left).count();
    const timespec wait{static_cast<std::time_t>(ns / 1'000'000'000),
                        static_cast<long>(ns % 1'000'000'000)};
    ::nanosleep(&wait, nullptr);
  }
}

}  // namespace foreword::bench
