// The upstream half of an exchange: connect or reuse, send, read the answer's head, tidy up.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "proxy/exchange.h"
#include "proxy/framing.h"
#include "proxy/relay.h"

namespace foreword::proxy {

/// The upstream head's fields that every kind of request shares; views into the exchange.
[[nodiscard]] UpstreamHead upstream_head(const Exchange& exchange);

/// Takes a connection, sends head and pieces in one gather write, reads the answer's head.
///
/// A pooled connection that turns out to be dead before the first byte of an answer is replaced
/// once by a new one; nothing else is ever sent twice: retrying is the SDK's part.
Task<std::optional<Failure>> send_and_read_head(Exchange& exchange, const std::string& head,
                                                std::span<const std::string_view> pieces);

/// Connects for a request whose body is streamed: nothing is sent yet.
Task<std::optional<Failure>> take_connection(Exchange& exchange);
/// Waits for the answer's head on exchange.upstream; passes over 1xx.
Task<std::optional<Failure>> read_answer_head(Exchange& exchange);

/// Sends the answer to the client. Afterwards the upstream's connection is pooled if it can be.
Task<RelayEnd> relay(Exchange& exchange, AnswerMeter* meter, std::function<void()> on_piece);

/// Tells the client what went wrong. True: the connection can take another request.
Task<bool> refuse(Exchange& exchange, const Failure& failure);

/// Reads on from a client that must not be waited for: true if its connection can be used again.
[[nodiscard]] bool can_keep(const Exchange& exchange, RelayEnd end);

}  // namespace foreword::proxy
