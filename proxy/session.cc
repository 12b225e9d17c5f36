#include "proxy/session.h"

#include <utility>

#include <fmt/format.h>

#include "config/limits.h"
#include "proxy/exchange.h"
#include "proxy/failure.h"
#include "proxy/log.h"
#include "proxy/tls_server.h"

namespace foreword::proxy {
namespace {

/// Said to a client that speaks plain HTTP where TLS is expected.
Task<void> refuse_plain(Shard& shard, Transport& client) {
  const Failure failure(FailureCode::bad_request,
                        "this port speaks https: write https:// in the base URL");
  const auto id = cache::to_text(shard.next_request_id(shard.services().now()));
  FailureResponse form;
  form.provider = config::Provider::openai;
  form.request_id = id;
  const auto text = render_failure(failure, form);
  Gather out;
  out.push_back(asio::const_buffer(text.data(), text.size()));
  const auto error = co_await client.write(std::move(out));
  if (error) co_return;
  client.expires_after(config::limits::kLingerTimeout);
  co_await client.linger();
}

/// The TLS handshake, where clients use TLS. False: there is nobody to serve.
Task<bool> secure(Shard& shard, Transport& client) {
  const auto* tls = shard.services().tls;
  if (tls == nullptr) co_return true;
  client.expires_after(shard.services().settings.proxy.request_timeout);
  const auto failed = co_await client.wait_readable();
  const auto first = client.first_byte();
  if (failed || !first) co_return false;
  if (*first >= 'A' && *first <= 'Z') {  // a method; TLS begins with a byte below
    co_await refuse_plain(shard, client);
    co_return false;
  }
  const auto error = co_await client.start_tls(tls->open(), shard.blocks());
  if (error)
    log_info("tls", fmt::format("{}: no TLS handshake: {}", client.peer(), error.message()));
  co_return !error;
}

}  // namespace

Task<void> run_session(Shard& shard, std::unique_ptr<Connection> owned) {
  Connection& connection = *owned;
  const auto& settings = shard.services().settings.proxy;
  const bool served = co_await secure(shard, connection.transport);
  while (served && !shard.draining() && connection.transport.open()) {
    connection.idle = true;
    connection.transport.expires_after(connection.refused ? config::limits::kLingerTimeout
                                                          : settings.keep_alive_timeout);
    const auto waited = co_await connection.reader.wait_for_message();
    if (waited != ReadStatus::ok) break;
    connection.idle = false;
    connection.transport.expires_after(settings.request_timeout);
    auto read = connection.reader.head_now(true);
    if (!read) read = co_await connection.reader.rest_of_head();
    const bool keep = co_await serve_request(shard, connection, *read);
    if (!keep) break;
  }
  connection.transport.close();
}

}  // namespace foreword::proxy
