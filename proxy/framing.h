// What may pass between two HTTP connections: refuses ambiguous heads, drops what belongs to one
// hop. Pure; sans I/O.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "proxy/head.h"

namespace foreword::proxy {

/// Why a request's head is refused (RFC 9112 sections 3.2, 5.2 and 6.3: each of these has been used
/// to smuggle a second request past a proxy); nothing: it is fine.
[[nodiscard]] std::optional<std::string_view> refuse_request(const RequestHead& head);
/// The same for an answer's head.
[[nodiscard]] std::optional<std::string_view> refuse_response(const ResponseHead& head);

/// Does the sender want the connection kept after this message?
[[nodiscard]] bool wants_keep_alive(HttpVersion version, const Fields& fields);

struct UpstreamHead {
  std::string_view method;
  std::string_view target;  // what follows `base_path`
  std::string_view base_path;
  std::string_view host;  // with the port where it is not the scheme's own
  /// Replaces Content-Length; nothing: the request has no body, or keeps the framing it came with.
  std::optional<std::uint64_t> content_length;
  bool chunked = false;
  /// Allows only codings that the meter can read.
  bool narrow_accept_encoding = false;
  /// No coding at all: the answer has to be edited.
  bool identity_encoding = false;
  /// A protocol switch (WebSocket) is passed on.
  bool upgrade = false;
};

/// The head for the upstream: the client's fields in their order, case and number, without those
/// of the hop, without X-Foreword-*; Host and length replaced in place.
[[nodiscard]] std::string make_upstream_head(const UpstreamHead& head, const Fields& fields);

enum class BodyFraming : std::uint8_t { none, length, chunked, until_close };

/// What is known of an answer's body when its head has been read.
struct AnswerBody {
  bool none = false;  // nothing follows the head: HEAD, 204, 304, a length of 0
  bool chunked = false;
  std::optional<std::uint64_t> length;
  /// What is in it will be edited.
  bool edited = false;
};

/// The framing that a client of that version gets the body in.
[[nodiscard]] BodyFraming framing_for_client(const AnswerBody& body, HttpVersion client_version);

struct ClientHead {
  std::string_view request_id;
  BodyFraming framing{};
  bool keep_alive = true;
  std::uint64_t keep_alive_seconds = 0;
  /// The answer was made without the knowledge base that was attached.
  bool kb_refused = false;
  /// The client spoke HTTP/1.0: no chunks, keep-alive has to be named.
  HttpVersion client_version = 11;
  bool upgrade = false;
};

/// The head of a 1xx answer, for the client.
[[nodiscard]] std::string make_interim_head(const ResponseHead& response);

/// The head for the client: the upstream's status line and fields, the hop's own replaced.
[[nodiscard]] std::string make_client_head(const ClientHead& head, const ResponseHead& response);

}  // namespace foreword::proxy
