// What can go wrong on the way of a request, and how the client is told: in its provider's own
// shape.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "config/provider.h"

namespace foreword::proxy {

/// The names (X-Foreword-Error) are an interface, and are stored in the ledger.
enum class FailureCode : std::uint8_t {
  bad_request,  // the head is not HTTP/1, or is ambiguous
  head_too_large,
  body_too_large,
  request_timeout,  // the client stopped in the middle of its request
  unknown_upstream,
  unknown_kb,
  kb_too_large,          // does not fit the model's window
  upstream_unreachable,  // no connection: name, network or TLS
  upstream_timeout,      // no first byte in time
  upstream_closed,       // closed before an answer
  upstream_malformed,    // what it sent is not HTTP/1
  total_timeout,         // the whole request took too long
  overloaded,            // over a limit of ours
  internal,
};

/// `message` says what happened, where, and what to do; one line, no secrets.
struct Failure {
  FailureCode code;
  std::string message;
  Failure(FailureCode c, std::string m) : code(c), message(std::move(m)) {}
};

[[nodiscard]] std::string_view name_of(FailureCode code);
/// Anthropic alone has a status of its own for `overloaded`: 529.
[[nodiscard]] unsigned status_of(FailureCode code, config::Provider provider);
/// False: the SDK is told (x-should-retry) not to send the same again.
[[nodiscard]] bool retry_may_help(FailureCode code);

struct FailureResponse {
  config::Provider provider{};
  std::string_view request_id;
  /// How long the connection is kept for another request; 0: it is closed.
  std::uint64_t keep_alive_seconds = 0;
  /// An answer to HEAD has no body.
  bool with_body = true;
};

/// A whole HTTP response, head and JSON body.
[[nodiscard]] std::string render_failure(const Failure& failure, const FailureResponse& response);

}  // namespace foreword::proxy
