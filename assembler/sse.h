// Splits a stream of server-sent events, however its bytes arrive.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace foreword::assembler {

/// One event, valid during the callback only. `raw` is every byte of it, the blank line that ends it
/// included; `data` is its data lines joined by LF; `type` is the value of its event line or empty.
struct SseEvent {
  std::string_view raw;
  std::string_view type;
  std::string_view data;
};

/// Fed whole or byte by byte, the events are the same. Line ends may be LF, CRLF or CR, mixed.
/// An event larger than the limit is passed over (see overflowed()).
class SseSplitter {
 public:
  explicit SseSplitter(std::size_t max_event_bytes);

  /// Calls `on_event` for every event that `bytes` completes.
  void feed(std::string_view bytes, const std::function<void(const SseEvent&)>& on_event);

  /// The bytes of the event that has begun and not ended.
  [[nodiscard]] std::string_view pending() const;
  [[nodiscard]] bool overflowed() const { return overflowed_; }

 private:
  std::size_t max_event_bytes_;
  bool overflowed_ = false;
  std::string pending_;
};

}  // namespace foreword::assembler
