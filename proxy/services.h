// What every shard uses and none owns. All of it is thread-safe and outlives the shards.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>

#include "cache/captures.h"
#include "cache/ledger.h"
#include "cache/prefix_memory.h"
#include "config/live_models.h"
#include "config/settings.h"
#include "proxy/affinity.h"
#include "proxy/cache_evidence.h"
#include "proxy/knowledge_bases.h"
#include "proxy/own_request.h"
#include "proxy/refusals.h"
#include "proxy/tls_server.h"
#include "proxy/turns.h"

namespace foreword::proxy {

class CaptureWriter;
class KeepWarm;
class VirtualClock;

/// Counted since the start; shown at GET /api/status.
struct Counters {
  std::atomic<std::uint64_t> connections{0};
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> passed_through{0};   // not a prompt operation, or mode off
  std::atomic<std::uint64_t> not_understood{0};   // prompt bodies forwarded as they came
  std::atomic<std::uint64_t> resent{0};           // without what the upstream refused of ours
  std::atomic<std::uint64_t> gate_waited{0};      // for another request to write what they share
  std::atomic<std::uint64_t> gate_gave_up{0};     // of these, sent without its having begun
  std::atomic<std::uint64_t> pings{0};            // that kept a knowledge base warm, or tried to
  std::atomic<std::uint64_t> failures{0};         // answered by Foreword itself
  std::atomic<std::size_t> buffered_bytes{0};     // of prompts, now
  std::atomic<std::uint64_t> broken_sessions{0};  // ended by an exception: a bug
};

class TrafficMetrics;
class Traces;

struct Services {
  const config::Settings& settings;
  config::LiveModels& models;
  KnowledgeBases& knowledge;
  cache::LedgerWriter& ledger;
  Counters& counters;
  /// Wall-clock time: the seam that tests replace.
  std::function<config::TimePoint()> now;
  /// Null where clients connect without TLS.
  const TlsServer* tls = nullptr;
  /// Null where there are no upstreams: a command that opens the store itself.
  OwnRequests* own_requests = nullptr;
  /// Null likewise: what requests have taught.
  Refusals* refusals = nullptr;
  Affinity* affinity = nullptr;
  cache::PrefixMemory* prefixes = nullptr;
  CacheEvidence* cache_evidence = nullptr;
  Turns* turns = nullptr;
  KeepWarm* keep_warm = nullptr;
  TrafficMetrics* traffic = nullptr;
  /// What is kept for training; only the tests of other things have none.
  cache::Captures* captures = nullptr;
  /// Null where nothing is captured: no label asks for it.
  CaptureWriter* capture_writer = nullptr;
  /// Null where nobody collects spans.
  Traces* traces = nullptr;
  /// Null where time passes by itself.
  VirtualClock* virtual_clock = nullptr;
};

}  // namespace foreword::proxy
