// Spans on their way to a collector, by OTLP over HTTP, beside the requests.
//
// Nothing here is on a request's way but add(), which takes a lock for as long as a push takes. A
// collector that is slow, away or full costs spans, which are counted, and nothing else. Where no
// collector is named none of this exists.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/result.h"
#include "config/settings.h"
#include "proxy/background.h"
#include "proxy/own_request.h"
#include "proxy/request_span.h"
#include "proxy/resolver.h"

namespace foreword::proxy {

struct Exchange;
struct PromptFacts;

/// What became of spans, since the start.
struct TraceCounts {
  std::uint64_t exported = 0;
  std::uint64_t dropped = 0;      // the queue was full
  std::uint64_t refused = 0;      // by the collector, for good
  std::uint64_t undelivered = 0;  // it was not reached, or had no room, several times
};

/// "name=value,name=value" with % escapes in the values, as OTEL_EXPORTER_OTLP_HEADERS has it. The
/// Error does not repeat any of it.
[[nodiscard]] config::Result<std::vector<std::pair<std::string, std::string>>> parse_otlp_headers(
    std::string_view text);

/// Thread-safe.
class Traces {
 public:
  /// `headers`: as parse_otlp_headers() takes them. An Error when they, or the CA file, cannot be
  /// read. REQUIRES: settings.endpoint.
  [[nodiscard]] static config::Result<std::unique_ptr<Traces>> make(
      const config::OtlpSettings& settings, std::string_view headers);
  /// Sends what is queued, unless the last attempt failed, for settings.timeout and what was begun.
  ~Traces() = default;

  /// Of every million whose client does not say.
  [[nodiscard]] std::uint32_t sample_millionths() const { return settings_.sample_millionths; }
  void add(RequestSpan span);
  [[nodiscard]] TraceCounts counts() const;

 private:
  Traces(const config::OtlpSettings& settings,
         std::vector<std::pair<std::string, std::string>> headers,
         std::unique_ptr<Upstream> collector);
  void run(Background& self);
  /// False: there was nothing to export.
  bool export_batch(Background& self);
  [[nodiscard]] std::vector<RequestSpan> take();
  [[nodiscard]] bool has_batch() const;
  void deliver(Background& self, const std::vector<RequestSpan>& spans);
  void count(std::uint64_t TraceCounts::*what, std::uint64_t spans);
  void tell(std::string_view trouble);

  const config::OtlpSettings settings_;
  const std::vector<std::pair<std::string, std::string>> headers_;
  const std::string target_;
  config::Settings timeouts_;  // of the requests to the collector
  std::vector<std::unique_ptr<Upstream>> collector_;
  Resolver resolver_;
  OwnRequests requests_;

  mutable std::mutex mutex_;
  std::vector<RequestSpan> queue_;  // guarded by mutex_
  TraceCounts counts_;              // likewise
  bool failing_ = false;            // the exporting thread's

  std::optional<Background> exporter_;  // last: it uses all of the above
};

/// At a prompt's start, while its head is there. Null where it is not traced.
[[nodiscard]] std::unique_ptr<TraceContext> begin_trace(const Exchange& exchange);
/// At its end, with its settled row. REQUIRES: begin_trace() gave a context.
void end_trace(const Exchange& exchange, const PromptFacts& facts, const AnswerMeter* meter,
               const cache::LedgerRow& row);

}  // namespace foreword::proxy
