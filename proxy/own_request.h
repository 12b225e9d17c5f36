// Requests of Foreword's own to an upstream, outside of any client's session: to warm a knowledge
// base's layers, to count its tokens.
//
// Thread-safe. Each request has a connection and an event loop of its own on the caller's thread;
// they are rare, and none is worth the shards' attention.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/result.h"
#include "config/settings.h"
#include "proxy/answer_meter.h"
#include "proxy/head.h"
#include "proxy/upstream.h"

namespace foreword::proxy {

/// A POST of JSON. Views live as long as the call.
struct OwnRequest {
  std::string_view upstream;  // its name in the settings
  std::string_view target;    // "/v1/messages": what follows the base URL
  std::span<const std::string_view> body;
  /// Sees the answer, whatever its status; nullptr: nobody does.
  AnswerMeter* meter = nullptr;
  /// Instead of those by which the provider is shown the key; nullptr: those.
  const Fields* fields = nullptr;
  /// Instead of proxy.first_byte_timeout_ms.
  std::optional<std::chrono::milliseconds> first_byte_timeout{};
};

struct OwnAnswer {
  unsigned status = 0;
  std::string body;                     // at most limits::kMaxOwnAnswerBytes
  std::chrono::seconds retry_after{0};  // 0: it does not say so in seconds
};

class OwnRequests {
 public:
  /// `keys` by the name of the upstream. All arguments by reference outlive this.
  OwnRequests(const config::Settings& settings,
              const std::vector<std::unique_ptr<Upstream>>& upstreams,
              std::map<std::string, std::string, std::less<>> keys);
  OwnRequests(const OwnRequests&) = delete;
  OwnRequests& operator=(const OwnRequests&) = delete;

  /// Is there a key for that upstream?
  [[nodiscard]] bool can_ask(std::string_view upstream) const { return keys_.contains(upstream); }

  /// Sends it once and blocks until the answer is read, at most for connect_timeout,
  /// first_byte_timeout and, between two pieces of the answer, idle_timeout. An Error says why
  /// there is no answer; an answer of any status is none. REQUIRES: can_ask(request.upstream).
  [[nodiscard]] config::Result<OwnAnswer> send(const OwnRequest& request);

  /// From any thread: what is under way ends with an Error, and so does all that comes later.
  void stop();

 private:
  struct Call;
  const config::Settings& settings_;
  const std::vector<std::unique_ptr<Upstream>>& upstreams_;
  const std::map<std::string, std::string, std::less<>> keys_;
  std::mutex mutex_;
  std::set<Call*> under_way_;
  bool stopped_ = false;
};

}  // namespace foreword::proxy
