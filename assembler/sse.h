// Splits a stream of server-sent events, however its bytes arrive.
//
// Owns what it holds; not thread-safe. Nothing that a stream sends is an error.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace foreword::assembler {

/// One event, valid during the callback only. `raw` is every byte of it, the blank line that ends
/// it included; `data` is its data lines joined by LF; `type` is the value of its event line or
/// empty. Comments and lone blank lines are events without data. The raws of all events and
/// pending(), one after the other, are exactly the bytes that were fed.
struct SseEvent {
  std::string_view raw;
  std::string_view type;
  std::string_view data;
  /// A piece of an event above the limit: only `raw` is set.
  bool oversized = false;
};

/// Fed whole or byte by byte, the events are the same (but an oversized one comes in other pieces).
/// Line ends may be LF, CRLF or CR, mixed. Holds at most one event, and no more than the limit.
class SseSplitter {
 public:
  using OnEvent = std::function<void(const SseEvent&)>;

  explicit SseSplitter(std::size_t max_event_bytes) : max_event_bytes_(max_event_bytes) {}

  /// Calls `on_event` for every event that `bytes` completes.
  void feed(std::string_view bytes, const OnEvent& on_event);

  /// The bytes of the event that has begun and not ended.
  [[nodiscard]] std::string_view pending() const { return pending_; }
  /// Whether any event was above the limit.
  [[nodiscard]] bool overflowed() const { return overflowed_; }

 private:
  enum class Step : std::uint8_t { goes_on, ends_after, ended_before };
  [[nodiscard]] Step step(char byte);
  void end_event(std::string_view rest, const OnEvent& on_event);
  void keep(std::string_view rest, const OnEvent& on_event);

  std::size_t max_event_bytes_;
  std::string pending_;
  bool overflowed_ = false;
  bool in_oversized_ = false;
  bool first_ = true;  // no event has ended yet
  // Where in a line the next byte stands.
  bool line_empty_ = true;
  bool after_cr_ = false;
  bool ends_with_lf_ = false;  // the event ends with the LF that is to come
  bool habit_is_crlf_ = false;
};

}  // namespace foreword::assembler
