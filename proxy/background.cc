#include "proxy/background.h"

#include <utility>

namespace foreword::proxy {

Background::Background(std::function<void(Background&)> work)
    : thread_([this, run = std::move(work)] { run(*this); }) {}

Background::~Background() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_all();
  thread_.join();
}

bool Background::pause(std::chrono::milliseconds duration) {
  std::unique_lock lock(mutex_);
  return !stop_.wait_for(lock, duration, [this] { return stopping_; });
}

}  // namespace foreword::proxy
