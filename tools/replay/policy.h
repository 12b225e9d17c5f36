// What decides which marks a request carries, and when it is sent: one of these is replayed at a
// time. Implementations get the trace and the cache's terms when they are made, and may look only
// at requests that they were asked about.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "tools/replay/provider.h"

namespace foreword::replay {

struct Decision {
  /// Not used while it waits. Must not be such as refusal() names.
  std::vector<Mark> marks;
  /// Seconds; later than now: the request is not sent yet, ask again then.
  double wait_until = 0;
};

/// Sends a prefix again to keep it warm, with a mark at its end and nothing behind it.
struct Ping {
  std::size_t request = 0;     // of the trace, by time: one that has been sent
  std::uint32_t position = 0;  // segments in the prefix
  double at = 0;               // seconds
  std::int32_t ttl_s = 0;
};

/// All times are seconds on the trace's clock. What is called comes in the order of time.
class Policy {
 public:
  Policy() = default;
  Policy(const Policy&) = delete;
  Policy& operator=(const Policy&) = delete;
  virtual ~Policy() = default;

  /// Request i is to be sent at `now`: at its time in the trace, or when it was told to wait until.
  virtual Decision decide(std::size_t i, double now) = 0;
  /// It was sent, with what decide() said; what it wrote can be read from `visible_at` on.
  virtual void sent(std::size_t /*i*/, double /*now*/, const Billed& /*billed*/,
                    double /*visible_at*/) {}

  /// The next ping that is due by `until`, and not before what was already told; asked until there
  /// is none.
  virtual std::optional<Ping> next_ping(double /*until*/) { return std::nullopt; }
  virtual void pinged(const Ping& /*ping*/, const Billed& /*billed*/) {}
  /// It was not sent: it would cost more than is left of the day's cap.
  virtual void ping_refused(const Ping& /*ping*/) {}
};

}  // namespace foreword::replay
