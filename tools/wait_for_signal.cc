#include "tools/wait_for_signal.h"

#include <csignal>
#include <initializer_list>

namespace foreword::tools {
namespace {

sigset_t set_of(std::initializer_list<int> signals) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : signals) sigaddset(&set, signal);
  return set;
}

}  // namespace

void block_stop_signals() {
  const auto set = set_of({SIGINT, SIGTERM});
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);  // a peer that left is an error code, not a signal
}

void block_reload_signal() {
  const auto set = set_of({SIGHUP});
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

Signal wait_for_signal() {
  // One that is not blocked does what it does by default, and never gets here.
  const auto set = set_of({SIGINT, SIGTERM, SIGHUP});
  int arrived = 0;
  sigwait(&set, &arrived);
  return arrived == SIGHUP ? Signal::reload : Signal::stop;
}

}  // namespace foreword::tools
