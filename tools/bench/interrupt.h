// Ctrl-C and SIGTERM as an exception, so that every child and folder is cleaned up on the way out.
//
// For the one thread of this command: waits end early, and throw.
#pragma once

#include <chrono>
#include <stdexcept>

namespace foreword::bench {

struct Interrupted : std::runtime_error {
  Interrupted() : std::runtime_error("interrupted: nothing is left behind") {}
};

/// From now on the signals are remembered instead of ending the process.
void catch_interrupts();
/// In a child: back to what a process does without us.
void restore_interrupts();
/// Throws Interrupted once a signal came.
void check_interrupt();
/// Sleeps; throws Interrupted.
void pause_for(std::chrono::milliseconds time);

}  // namespace foreword::bench
