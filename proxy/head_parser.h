// Reads the head of an HTTP/1 message, as strictly as RFC 9112 allows a proxy to.
//
// Our own and not Beast's, whose parser took nearly half of the instructions of a small request
// (ARCHITECTURE, "Where the time goes"): it goes over each byte by itself, and names, joins and
// interprets fields of which this proxy needs nothing. What is refused is refused by both; the
// fuzzer holds this one to a reading of the RFC that shares no code with it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "proxy/head.h"

namespace foreword::proxy {

/// Where the head in front of `bytes` ends, behind its empty line; npos: not yet. `from`: it does
/// not end before.
[[nodiscard]] std::size_t find_end_of_head(std::string_view bytes, std::size_t from);

enum class HeadStatus : std::uint8_t { ok, malformed, too_many_fields };

/// Reads all of `bytes`, which end with the head's empty line. `head` is views into them. Lines end
/// with CR LF; no control character but tab in a value; no blank around a name. Folded lines are
/// told, not joined. A head that is not ok holds nothing of worth.
[[nodiscard]] HeadStatus parse_head(std::string_view bytes, RequestHead& head);
[[nodiscard]] HeadStatus parse_head(std::string_view bytes, ResponseHead& head);

}  // namespace foreword::proxy
