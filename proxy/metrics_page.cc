#include "proxy/metrics_page.h"

#include <limits>
#include <sstream>
#include <string_view>
#include <utility>
#include <vector>

#include <prometheus/text_serializer.h>

#include "proxy/capture_writer.h"
#include "proxy/request_span.h"
#include "proxy/traces.h"
#include "proxy/traffic_metrics.h"

namespace foreword::proxy {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;

/// All families of one page, in their order.
class Page {
 public:
  void family(std::string name, std::string help, MetricType type) {
    MetricFamily made;
    made.name = std::move(name);
    made.help = std::move(help);
    made.type = type;
    families_.push_back(std::move(made));
  }
  void counter(Labels labels, double value) {
    ClientMetric metric;
    metric.label = std::move(labels);
    metric.counter.value = value;
    families_.back().metric.push_back(std::move(metric));
  }
  void gauge(Labels labels, double value) {
    ClientMetric metric;
    metric.label = std::move(labels);
    metric.gauge.value = value;
    families_.back().metric.push_back(std::move(metric));
  }
  template <std::size_t N>
  void histogram(Labels labels, const std::array<double, N>& bounds, const Histogram<N>& values) {
    if (values.count == 0) return;
    ClientMetric metric;
    metric.label = std::move(labels);
    metric.histogram.sample_count = values.count;
    metric.histogram.sample_sum = values.sum;
    for (std::size_t i = 0; i < N; ++i) {
      metric.histogram.bucket.push_back({values.at_most[i], bounds[i]});
    }
    metric.histogram.bucket.push_back({values.count, std::numeric_limits<double>::infinity()});
    families_.back().metric.push_back(std::move(metric));
  }
  /// Families without a series are left out.
  [[nodiscard]] std::string text() {
    std::erase_if(families_, [](const MetricFamily& family) { return family.metric.empty(); });
    std::ostringstream out;
    prometheus::TextSerializer().Serialize(out, families_);
    return std::move(out).str();
  }

 private:
  std::vector<MetricFamily> families_;
};

/// A histogram sums up what has ended already, and so has no label for what it is read with.
void add_gen_ai(const TrafficReading& reading, Page& page) {
  const auto labels = [](const TimesKey& key) {
    return Labels{{"gen_ai_operation_name", std::string(otel_name(key.operation))},
                  {"gen_ai_provider_name", std::string(otel_name(key.provider))},
                  {"gen_ai_response_model", key.model},
                  {"status", key.status}};
  };
  page.family("gen_ai_client_token_usage", "Tokens of a request, those of a cache among the input",
              MetricType::Histogram);
  for (const auto& [key, times] : reading.times) {
    auto input = labels(key);
    input.push_back({"gen_ai_token_type", "input"});
    page.histogram(std::move(input), kTokenBounds, times.input);
    auto output = labels(key);
    output.push_back({"gen_ai_token_type", "output"});
    page.histogram(std::move(output), kTokenBounds, times.output);
  }
  page.family("gen_ai_client_operation_duration_seconds",
              "From a prompt's arrival to the end of its answer", MetricType::Histogram);
  for (const auto& [key, times] : reading.times) {
    page.histogram(labels(key), kDurationBounds, times.duration);
  }
  page.family("foreword_time_to_first_byte_seconds",
              "From a prompt's arrival to the head of its answer", MetricType::Histogram);
  for (const auto& [key, times] : reading.times) {
    page.histogram(labels(key), kDurationBounds, times.first_byte);
  }
}

Labels labels_of(const TrafficKey& key) {
  return {{"provider", std::string(config::name_of(key.provider))},
          {"upstream", key.upstream},
          {"operation", std::string(config::name_of(key.operation))},
          {"model", key.model},
          {"kb", key.kb},
          {"status", key.status}};
}

Labels with(Labels labels, std::string name, std::string_view value) {
  labels.push_back({std::move(name), std::string(value)});
  return labels;
}

double dollars(config::PicodollarTotal amount) {
  return static_cast<double>(amount) / static_cast<double>(config::kPicodollarsPerDollar);
}

void add_counts(const TrafficReading& reading, Page& page) {
  page.family("foreword_requests_total", "Requests in the ledger", MetricType::Counter);
  for (const auto& [key, sums] : reading.sums) {
    page.counter(labels_of(key), static_cast<double>(sums.requests));
  }
  page.family("foreword_estimated_requests_total",
              "Requests whose answer was cut before the provider's last numbers",
              MetricType::Counter);
  for (const auto& [key, sums] : reading.sums) {
    page.counter(labels_of(key), static_cast<double>(sums.estimated));
  }
  page.family("foreword_unpriced_requests_total", "Requests with usage and without a price",
              MetricType::Counter);
  for (const auto& [key, sums] : reading.sums) {
    page.counter(labels_of(key), static_cast<double>(sums.unpriced));
  }
}

void add_tokens_and_money(const TrafficReading& reading, Page& page) {
  page.family("foreword_tokens_total", "Tokens by disjoint class, as the provider bills them",
              MetricType::Counter);
  for (const auto& [key, sums] : reading.sums) {
    for (std::size_t i = 0; i < config::kTokenClasses; ++i) {
      if (sums.tokens.by_class[i] == 0) continue;
      const auto name = config::name_of(static_cast<config::TokenClass>(i));
      page.counter(with(labels_of(key), "class", name),
                   static_cast<double>(sums.tokens.by_class[i]));
    }
  }
  page.family("foreword_cost_usd_total", "What was paid, and what the same tokens cost uncached",
              MetricType::Counter);
  for (const auto& [key, sums] : reading.sums) {
    page.counter(with(labels_of(key), "scenario", "paid"), dollars(sums.paid));
    page.counter(with(labels_of(key), "scenario", "uncached"), dollars(sums.uncached));
  }
}

void add_cache(const TrafficReading& reading, Page& page) {
  page.family("foreword_knowledge_cache_total",
              "Requests with a knowledge base by whether and why it was in the provider's cache",
              MetricType::Counter);
  for (const auto& [key, sums] : reading.sums) {
    for (std::size_t i = 0; i < cache::kCacheCauses; ++i) {
      if (sums.causes[i] == 0) continue;
      const auto cause = cache::name_of(static_cast<cache::CacheCause>(i));
      page.counter(with(labels_of(key), "cause", cause), static_cast<double>(sums.causes[i]));
    }
  }
  page.family("foreword_refusals_total", "Additions of Foreword's that an upstream refused",
              MetricType::Counter);
  for (const auto& [what, count] : reading.refusals) {
    page.counter({{"addition", what}}, static_cast<double>(count));
  }
}

void one_counter(Page& page, std::string name, std::string help, std::uint64_t value) {
  page.family(std::move(name), std::move(help), MetricType::Counter);
  page.counter({}, static_cast<double>(value));
}

void one_gauge(Page& page, std::string name, std::string help, std::uint64_t value) {
  page.family(std::move(name), std::move(help), MetricType::Gauge);
  page.gauge({}, static_cast<double>(value));
}

void add_proxy(const Counters& counters, Page& page) {
  one_gauge(page, "foreword_open_connections", "Client connections now",
            counters.connections.load());
  one_gauge(page, "foreword_buffered_bytes", "Prompt bodies in memory now",
            counters.buffered_bytes.load());
  one_counter(page, "foreword_received_requests_total", "Requests that came, prompts or not",
              counters.requests.load());
  one_counter(page, "foreword_passed_through_total", "Requests that were no prompts, or mode off",
              counters.passed_through.load());
  one_counter(page, "foreword_not_understood_total", "Prompts that were forwarded as they came",
              counters.not_understood.load());
  one_counter(page, "foreword_resent_total", "Prompts sent again without what was refused",
              counters.resent.load());
  one_counter(page, "foreword_gate_waited_total",
              "Requests that waited for another to write a knowledge base to the cache",
              counters.gate_waited.load());
  one_counter(page, "foreword_gate_gave_up_total", "Of these, sent without its having begun",
              counters.gate_gave_up.load());
  one_counter(page, "foreword_failures_total", "Requests that Foreword itself answered",
              counters.failures.load());
  one_counter(page, "foreword_broken_sessions_total", "Connections that ended by a bug",
              counters.broken_sessions.load());
}

void add_ledger(const cache::LedgerWriter& ledger, Page& page) {
  const auto queue = ledger.queue();
  one_gauge(page, "foreword_ledger_queue_rows", "Rows that wait to be written", queue.rows);
  one_gauge(page, "foreword_ledger_queue_bytes", "Memory of these rows", queue.bytes);
  one_counter(page, "foreword_ledger_rows_dropped_total",
              "Rows that were lost because the store failed for too long", ledger.dropped());
  one_counter(page, "foreword_store_errors_total", "Failed attempts to write or sync the ledger",
              queue.failed_attempts);
}

void add_traces(const Traces& traces, Page& page) {
  const auto counts = traces.counts();
  page.family("foreword_trace_spans_total", "Spans for the collector, by what became of them",
              MetricType::Counter);
  page.counter({{"result", "exported"}}, static_cast<double>(counts.exported));
  page.counter({{"result", "dropped"}}, static_cast<double>(counts.dropped));
  page.counter({{"result", "refused"}}, static_cast<double>(counts.refused));
  page.counter({{"result", "undelivered"}}, static_cast<double>(counts.undelivered));
}

void add_captures(const CaptureWriter& writer, Page& page) {
  const auto counts = writer.counts();
  one_counter(page, "foreword_distill_captured_total",
              "Prompts that were kept for training with their answers", counts.captured);
  page.family("foreword_distill_dropped_total",
              "Prompts of labels that are kept for training that were not, by reason",
              MetricType::Counter);
  for (std::size_t i = 0; i < kCaptureLosses; ++i) {
    page.counter({{"reason", std::string(name_of(static_cast<CaptureLoss>(i)))}},
                 static_cast<double>(counts.dropped[i]));
  }
}

}  // namespace

std::string metrics_page(const Services& services) {
  Page page;
  if (services.traffic != nullptr) {
    const auto reading = services.traffic->read();
    add_gen_ai(reading, page);
    add_counts(reading, page);
    add_tokens_and_money(reading, page);
    add_cache(reading, page);
  }
  add_proxy(services.counters, page);
  add_ledger(services.ledger, page);
  if (services.capture_writer != nullptr) add_captures(*services.capture_writer, page);
  if (services.traces != nullptr) add_traces(*services.traces, page);
  page.family("foreword_build_info", "The version that runs", MetricType::Gauge);
  page.gauge({{"version", FOREWORD_VERSION}}, 1);
  return page.text();
}

}  // namespace foreword::proxy
