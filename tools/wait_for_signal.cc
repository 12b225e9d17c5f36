#include "tools/wait_for_signal.h"

#include <csignal>

namespace foreword::tools {
namespace {

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

}  // namespace

void block_stop_signals() {
  const auto set = stop_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);  // a peer that left is an error code, not a signal
}

void wait_for_stop_signal() {
  const auto set = stop_signals();
  int arrived = 0;
  sigwait(&set, &arrived);
}

}  // namespace foreword::tools
