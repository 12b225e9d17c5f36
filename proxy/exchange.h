// One request on its way: accept, recognise, read, scan, plan, splice, forward, relay, record.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "proxy/recognise.h"
#include "proxy/shard.h"

namespace foreword::proxy {

/// Serves the request whose head was just read (or could not be: `head_status`). True: the
/// connection can take another one.
Task<bool> serve_request(Shard& shard, Connection& client, ReadStatus head_status);

/// What the steps of one request share. Lives in the frame of serve_request().
struct Exchange {
  Exchange(Shard& s, Connection& c);

  Shard& shard;
  Connection& client;
  config::TimePoint started;
  SteadyClock::time_point started_steady;
  cache::RequestId id;
  std::string id_text;
  Call call;

  std::unique_ptr<Transport> upstream;
  std::optional<ResponseReader> answer;
  std::chrono::microseconds first_byte{0};

  bool request_keeps_alive = false;
  bool request_read = false;  // to its last byte
  bool client_gone = false;

  [[nodiscard]] const RequestHead& head() const { return client.reader.head(); }
  [[nodiscard]] const config::ProxySettings& settings() const {
    return shard.services().settings.proxy;
  }
  [[nodiscard]] std::chrono::microseconds elapsed() const;
};

}  // namespace foreword::proxy
