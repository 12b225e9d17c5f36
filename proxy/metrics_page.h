// GET /metrics: Prometheus' text format 0.0.4, written by prometheus-cpp.
//
// gen_ai_* are OpenTelemetry's metrics for generative AI with the names that Prometheus gives them
// (dots are underscores, units are suffixes) and its attributes as labels; foreword_* are ours.
// README.md lists them. The format's numbers are doubles: dollars here are for graphs and alerts,
// the ledger has every digit. Thread-safe; blocks while it waits for the ledger's queue's lock.
#pragma once

#include <string>

#include "proxy/services.h"

namespace foreword::proxy {

inline constexpr const char* kMetricsContentType = "text/plain; version=0.0.4; charset=utf-8";

[[nodiscard]] std::string metrics_page(const Services& services);

}  // namespace foreword::proxy
