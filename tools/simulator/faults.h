// What an answer is to suffer: said for all requests at start, for the next ones by POST
// /simulator/faults, or for one request by its `x-simulate` header (which comes first).
//
// Syntax: `name` or `name=value`, separated by `;`. For example `status=429;retry-after=1`.
//
//   status=529               an error of that status in the provider's shape, instead of an answer
//   refuse=cache_control     status 400, as of a server that knows no such member, where the body
//                            holds that word
//   retry-after=1            with that header; `retry-after-ms=50` likewise
//   should-retry=false       with x-should-retry: true or false
//   first-byte-delay-ms=200  wait before the head; what the request writes is readable only then
//   event-delay-ms=20        wait before each event of a stream but the first
//   cut-after-events=3       close the connection behind that many events, without an end
//   cut-after-bytes=100      close it behind that many bytes of the body
//   error-event-after=2      a stream's error event in the provider's shape behind that many
//   events, then
//                            the end; its status is `status` if given, else the provider's overload
//   stall                    nothing more behind the first event (or at all, for a document), until
//   the
//                            client goes; `stall=3`: behind three events
//   garbage                  status 200, the right content type, and a body that is neither JSON
//   nor SSE gzip                     compressed, if the request accepts that; `gzip=always` even if
//   not times=2                  only the next two requests (not in the header)
//
// Delays are real time, also under a virtual clock. Pure values.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "config/result.h"

namespace foreword::simulator {

enum class Gzip : std::uint8_t { never, if_accepted, always };

struct Faults {
  std::optional<unsigned> status;  // 400 to 599
  std::string refuse;              // empty: nothing
  std::string retry_after;
  std::string retry_after_ms;
  std::string should_retry;
  std::chrono::milliseconds first_byte_delay{0};
  std::chrono::milliseconds event_delay{0};
  std::optional<std::size_t> cut_after_events;
  std::optional<std::size_t> cut_after_bytes;
  std::optional<std::size_t> error_event_after;
  std::optional<std::size_t> stall_after_events;
  bool garbage = false;
  Gzip gzip = Gzip::never;
  std::optional<std::size_t> times;
};

/// Adds what `spec` says to `base`.
[[nodiscard]] config::Result<Faults> parse_faults(std::string_view spec, const Faults& base = {});

}  // namespace foreword::simulator
