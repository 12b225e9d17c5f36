// Whose span a request is part of, as W3C Trace Context has it (w3.org/TR/trace-context-2).
//
// Pure functions and plain values, thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cache/request_id.h"
#include "proxy/head.h"

namespace foreword::proxy {

using TraceId = std::array<unsigned char, 16>;
using SpanId = std::array<unsigned char, 8>;

/// What a client's `traceparent` says.
struct TraceParent {
  TraceId trace{};
  SpanId span{};
  bool sampled = false;
  bool operator==(const TraceParent&) const = default;
};

/// Nothing where it is not valid: it is then as if there were none.
[[nodiscard]] std::optional<TraceParent> parse_traceparent(std::string_view text);

/// Where a request's own span stands.
struct TraceContext {
  TraceId trace{};
  SpanId span{};
  std::optional<SpanId> parent;
  std::string state;  // the client's `tracestate`
};

/// Of a request that has one `traceparent`, the trace that it names; else one of its own, whose id
/// is the request's, so that X-Foreword-Request finds it. Nothing: it is not sampled. The client
/// decides where it says; where it does not, `ratio_millionths` of a million are. What is decided
/// is a function of the trace's id, as with OpenTelemetry's TraceIdRatioBased.
[[nodiscard]] std::optional<TraceContext> trace_context(const Fields& fields,
                                                        const cache::RequestId& id,
                                                        std::uint32_t ratio_millionths);

}  // namespace foreword::proxy
