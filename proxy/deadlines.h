// Time-outs without a timer per operation: each shard looks over its deadlines a few times a
// second.
//
// Not thread-safe: everything here belongs to one shard. A deadline fires up to one tick late.
#pragma once

#include <chrono>

#include <boost/intrusive/list.hpp>

#include "proxy/net.h"

namespace foreword::proxy {

/// The clock of deadlines: some milliseconds coarse, and a tenth as dear as the exact one, which
/// every request would ask a dozen times.
[[nodiscard]] SteadyClock::time_point deadline_clock();

/// Something that can run out of time. It leaves its list when it is destroyed.
class Expirable : public boost::intrusive::list_base_hook<
                      boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  void expires_after(std::chrono::milliseconds time) {
    expires_at_ = deadline_clock() + time;
    timed_out_ = false;
  }
  void expires_never() {
    expires_at_ = SteadyClock::time_point::max();
    timed_out_ = false;
  }
  /// The last deadline has passed.
  [[nodiscard]] bool timed_out() const { return timed_out_; }
  /// Once a tick.
  void look(SteadyClock::time_point now) {
    if (expires_at_ <= now) {
      time_out();
    } else if (patience_ > 0 && --patience_ == 0) {
      on_impatience();
    }
  }
  void time_out() {
    expires_never();
    timed_out_ = true;
    on_expiry();
  }

 protected:
  Expirable() = default;
  ~Expirable() = default;
  /// Has to make the operation that waits return.
  virtual void on_expiry() = 0;
  /// The patience has run out. The deadline still stands.
  virtual void on_impatience() {}
  /// For so many ticks; 0: for ever.
  void be_patient(int ticks) { patience_ = ticks; }

 private:
  SteadyClock::time_point expires_at_ = SteadyClock::time_point::max();
  int patience_ = 0;  // in ticks
  bool timed_out_ = false;
};

class Deadlines {
 public:
  explicit Deadlines(asio::io_context& context) : timer_(context.get_executor()) {}
  void add(Expirable& entry) { entries_.push_back(entry); }
  /// Looks over the entries until stop().
  Task<void> run();
  void stop();

 private:
  Timer timer_;
  bool stopped_ = false;
  boost::intrusive::list<Expirable, boost::intrusive::constant_time_size<false>> entries_;
};

}  // namespace foreword::proxy
