// A request as it came in and a reply as it is to go out, free of sockets and of Beast.
//
// A reply owns all its bytes: an answer of the simulator is known when its first byte is sent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "config/tokens.h"

namespace foreword::simulator {

struct Header {
  std::string name;
  std::string value;
};

struct Request {
  std::string method;
  std::string target;  // as sent, query included
  std::vector<Header> headers;
  std::string body;

  /// The first header of that name in any case, or "".
  [[nodiscard]] std::string_view header(std::string_view name) const;
  [[nodiscard]] std::string_view path() const;
  /// The value of a query parameter as sent, or "".
  [[nodiscard]] std::string_view query(std::string_view name) const;
};

/// One piece of a streamed answer: sent and flushed by itself.
struct Event {
  std::string bytes;
  /// How much has been generated when this piece is out.
  std::uint64_t output_tokens = 0;
};

struct Reply {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::vector<Header> headers;

  bool is_streamed = false;
  std::string body;           // unless streamed
  std::vector<Event> events;  // if streamed

  /// Called once, right before the first byte goes out: what the request wrote becomes readable.
  std::function<void()> on_first_byte;
  /// Tokens of the prompt that no cache held, where the provider has caches.
  std::uint64_t uncached_tokens = 0;

  // --- for the request log --------------------------------------------------------------------
  std::string model;
  config::TokenCounts usage;
  std::size_t breakpoints = 0;
};

}  // namespace foreword::simulator
