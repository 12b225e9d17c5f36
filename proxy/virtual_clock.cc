#include "proxy/virtual_clock.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

namespace foreword::proxy {

config::TimePoint VirtualClock::now() const {
  const std::lock_guard lock(mutex_);
  return now_;
}

void VirtualClock::advance(std::chrono::microseconds by) {
  std::vector<std::shared_ptr<Waiter>> woken;
  {
    const std::lock_guard lock(mutex_);
    now_ += by;
    const auto waits_on = [this](const auto& waiter) { return waiter->until >= now_; };
    const auto due = std::stable_partition(waiters_.begin(), waiters_.end(), waits_on);
    woken.assign(std::make_move_iterator(due), std::make_move_iterator(waiters_.end()));
    waiters_.erase(due, waiters_.end());
    std::ranges::sort(woken, [](const auto& a, const auto& b) {
      return std::tie(a->until, a->number) < std::tie(b->until, b->number);
    });
  }
  for (const auto& waiter : woken) waiter->wake();
}

std::shared_ptr<VirtualClock::Waiter> VirtualClock::make_waiter(std::function<void()> wake) {
  auto waiter = std::make_shared<Waiter>();
  waiter->wake = std::move(wake);
  const std::lock_guard lock(mutex_);
  waiter->number = made_++;
  return waiter;
}

void VirtualClock::wait(const std::shared_ptr<Waiter>& waiter, config::TimePoint until) {
  const std::lock_guard lock(mutex_);
  waiter->until = until;
  waiters_.push_back(waiter);
}

void VirtualClock::stop_waiting(const std::shared_ptr<Waiter>& waiter) {
  const std::lock_guard lock(mutex_);
  std::erase(waiters_, waiter);
}

VirtualClock::Waiting VirtualClock::waiting() const {
  const std::lock_guard lock(mutex_);
  Waiting waiting;
  waiting.count = waiters_.size();
  for (const auto& waiter : waiters_) {
    if (!waiting.next || waiter->until < *waiting.next) waiting.next = waiter->until;
  }
  return waiting;
}

}  // namespace foreword::proxy
