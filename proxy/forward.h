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

/// Takes one of the upstream's places for this request; each request does so once, first of all.
[[nodiscard]] std::optional<Failure> take_place(Exchange& exchange);

/// Takes a connection, sends head and pieces in one gather write, reads the answer's head. A large
/// request may be answered while it is still being sent (413, say): the rest then stays unsent.
///
/// A pooled connection that was closed before any byte of the request reached the upstream's
/// machine is replaced once by a new one; nothing else is ever sent twice: retrying is the SDK's
/// part.
Task<std::optional<Failure>> send_and_read_head(Exchange& exchange, const std::string& head,
                                                std::span<const std::string_view> pieces);

/// Does the client wait to be asked for its body (Expect: 100-continue)?
[[nodiscard]] bool awaits_invitation(const Exchange& exchange);
/// It is asked. False: it is gone.
Task<bool> invite_body(Exchange& exchange);
/// From here on the client is watched: if it leaves, the upstream's connection is closed.
void watch_client(Exchange& exchange);
/// Call it when the last byte is sent: it is the upstream's turn, and its time begins.
void on_request_sent(Exchange& exchange);

/// Connects for a request whose body is streamed: nothing is sent yet.
Task<std::optional<Failure>> take_connection(Exchange& exchange);
/// Waits for the answer's head on exchange.upstream; passes over 1xx.
Task<std::optional<Failure>> read_answer_head(Exchange& exchange);

/// Reads the answer's body before any of it goes to the client, until it ends or is too long to be
/// held. The head stays valid. REQUIRES: there is a body.
Task<void> hold_body(Exchange& exchange, HeldBody& held);
/// Of an answer that does not go to the client. The upstream's connection is pooled if it can be.
void drop_answer(Exchange& exchange);

/// Sends the answer to the client; `held` is what was read of its body, nullptr: nothing.
/// Afterwards the upstream's connection is pooled if it can be.
Task<RelayEnd> relay(Exchange& exchange, const HeldBody* held, AnswerMeter* meter,
                     std::function<void()> on_piece);

/// Tells the client what went wrong. True: the connection can take another request.
Task<bool> refuse(Exchange& exchange, const Failure& failure);

/// Reads on from a client that must not be waited for: true if its connection can be used again.
[[nodiscard]] bool can_keep(const Exchange& exchange, RelayEnd end);

}  // namespace foreword::proxy
