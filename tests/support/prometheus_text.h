// A strict reader of Prometheus' text format 0.0.4, as its specification and its naming rules say:
// prometheus.io/docs/instrumenting/exposition_formats (2026-11).
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace foreword::test {

struct PrometheusPage {
  /// What is wrong with it, a line each; empty: nothing.
  std::string problems;
  std::map<std::string, std::string> types;  // by family
  /// By series with its labels in the order of their names: `name{a="1",b="2"}`.
  std::map<std::string, double> values;
};

[[nodiscard]] PrometheusPage read_prometheus_text(std::string_view text);

}  // namespace foreword::test
