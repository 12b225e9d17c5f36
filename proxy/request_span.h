// A request as a span of OpenTelemetry: names and attributes of its conventions for generative AI,
// and as OTLP's JSON.
//
// Pure functions and plain values, thread-safe. No text of prompts or answers is in a span.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "cache/ledger_row.h"
#include "proxy/trace_context.h"

namespace foreword::proxy {

struct RequestSpan {
  TraceContext context;
  cache::LedgerRow row;  // settled
  std::string requested_model;
  std::string answered_by;  // the model that the answer names; empty: none
  std::string server_address;
  std::uint16_t server_port = 0;
};

/// gen_ai.provider.name and gen_ai.operation.name, here and in the metrics.
[[nodiscard]] std::string_view otel_name(config::Provider provider);
[[nodiscard]] std::string_view otel_name(config::Operation operation);

/// A Span of opentelemetry/proto/trace/v1: SERVER, from the request's first byte to the end of its
/// answer. Its status is an error where the provider or Foreword failed, not where the client did.
/// Attributes: gen_ai.* (input_tokens are all that the model read), http.*, server.*, error.type,
/// and foreword.* with the ledger's own classes and costs.
[[nodiscard]] boost::json::object to_otlp(const RequestSpan& span);

/// The body of an export: ExportTraceServiceRequest as JSON. Valid UTF-8, whatever is in the rows.
[[nodiscard]] std::string otlp_export(std::span<const RequestSpan> spans,
                                      std::string_view service_name);

}  // namespace foreword::proxy
