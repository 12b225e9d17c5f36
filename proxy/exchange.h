// One request on its way: accept, recognise, read, scan, plan, splice, forward, relay, record.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "proxy/recognise.h"
#include "proxy/shard.h"
#include "proxy/trace_context.h"

namespace foreword::proxy {

/// Serves the request whose head was just read (or could not be: `head_status`). True: the
/// connection can take another one.
Task<bool> serve_request(Shard& shard, Connection& client, ReadStatus head_status);

/// What the steps of one request share. Lives in the frame of serve_request(). Runs out of time as
/// a whole after total_timeout: whatever it waits for then fails as if its own deadline had passed.
struct Exchange final : Expirable {
  Exchange(Shard& s, Connection& c);
  ~Exchange() { client.exchange = nullptr; }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  /// As if the client had left: whatever is under way with the upstream ends.
  void abandon();

  Shard& shard;
  Connection& client;
  config::TimePoint started;
  SteadyClock::time_point started_steady;
  cache::RequestId id;
  std::string id_text;
  std::unique_ptr<const TraceContext> trace;  // null: it is not traced
  Call call;

  UpstreamPlace place;
  std::unique_ptr<Transport> upstream;
  std::optional<ResponseReader> answer;
  std::chrono::microseconds first_byte{0};

  bool request_keeps_alive = false;
  bool request_read = false;    // to its last byte
  bool request_sent = false;    // likewise, to the upstream
  bool answered = false;        // the client has been sent some of an answer
  bool upstream_ended = false;  // orderly, before it answered: not by a reset
  bool kb_refused = false;      // the upstream takes no knowledge base: the prompt went without
  bool may_upgrade = false;     // asked the upstream to switch protocols
  bool client_gone = false;
  bool out_of_time = false;

  /// Empty where the request's head could not be read.
  [[nodiscard]] const RequestHead& head() const { return client.reader.head(); }
  [[nodiscard]] const config::ProxySettings& settings() const {
    return shard.services().settings.proxy;
  }
  [[nodiscard]] std::chrono::microseconds elapsed() const;

 private:
  void on_expiry() override;
};

}  // namespace foreword::proxy
