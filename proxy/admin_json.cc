#include "proxy/admin_json.h"

#include <boost/json.hpp>

#include "config/hash128.h"
#include "proxy/time_text.h"

namespace foreword::proxy {
namespace {

namespace json = boost::json;

json::object tokens_json(const config::TokenCounts& tokens) {
  json::object out;
  for (std::size_t i = 0; i < config::kTokenClasses; ++i) {
    const auto token_class = static_cast<config::TokenClass>(i);
    out[config::name_of(token_class)] = tokens[token_class];
  }
  return out;
}

json::value text_or_null(std::string_view text) {
  return text.empty() ? json::value(nullptr) : json::value(text);
}

double milliseconds(std::chrono::microseconds time) {
  return static_cast<double>(time.count()) / 1000.0;
}

json::object sums_json(const cache::SavingsSums& sums) {
  return {{"requests", sums.requests},
          {"estimated", sums.estimated},
          {"unpriced", sums.unpriced},
          {"failed", sums.failed},
          {"tokens", tokens_json(sums.tokens)},
          {"kb_tokens_estimate", sums.kb_tokens_estimate},
          {"actual_usd", config::to_usd(sums.actual)},
          {"uncached_usd", config::to_usd(sums.uncached)},
          {"client_only_usd", config::to_usd(sums.client_only)},
          {"saved_usd", config::to_usd(sums.saved())},
          {"caused_usd", config::to_usd(sums.caused())}};
}

json::value time_or_null(const std::optional<config::TimePoint>& at) {
  return at ? json::value(to_rfc3339(*at)) : json::value(nullptr);
}

/// What a question that reads rows looked at.
json::object window_json(const cache::RowWindow& window) {
  return {{"rows", window.rows},
          {"first", time_or_null(window.first)},
          {"last", time_or_null(window.last)},
          {"has_older_rows", window.is_cut}};
}

}  // namespace

json::object to_json(const cache::LedgerRow& row) {
  return {{"id", cache::to_text(row.id)},
          {"time", to_rfc3339(row.started)},
          {"provider", config::name_of(row.provider)},
          {"upstream", row.upstream},
          {"operation", config::name_of(row.operation)},
          {"model", text_or_null(row.model)},
          {"alias", text_or_null(row.alias)},
          {"mode", config::name_of(row.mode)},
          {"label", text_or_null(row.label)},
          {"kb", text_or_null(row.kb)},
          {"kb_version", text_or_null(row.kb_version)},
          {"placement", text_or_null(row.placement)},
          {"refused", text_or_null(row.refused)},
          {"stream", row.stream},
          {"status", row.status},
          {"outcome", cache::name_of(row.outcome)},
          {"error", text_or_null(row.error)},
          {"usage_source", cache::name_of(row.usage_source)},
          {"tokens", tokens_json(row.tokens)},
          {"kb_tokens_estimate", row.kb_tokens_estimate},
          {"service_tier", text_or_null(row.terms.service_tier)},
          {"speed", text_or_null(row.terms.speed)},
          {"inference_geo", text_or_null(row.terms.inference_geo)},
          {"priced", row.priced},
          {"price_version", text_or_null(row.price_version)},
          {"cost_usd", config::to_usd(row.cost_actual)},
          {"uncached_usd", config::to_usd(row.cost_uncached)},
          {"client_only_usd", config::to_usd(row.cost_client_only)},
          {"saved_usd", config::to_usd(row.cost_uncached - row.cost_actual)},
          {"client_markers", row.client_markers},
          {"request_bytes", row.request_bytes},
          {"inserted_bytes", row.inserted_bytes},
          {"first_byte_ms", milliseconds(row.first_byte)},
          {"duration_ms", milliseconds(row.duration)}};
}

json::object to_json(const cache::Savings& savings) {
  json::object groups;
  for (const auto& [name, sums] : savings.groups) groups[name] = sums_json(sums);
  json::object unpriced;
  for (const auto& [model, requests] : savings.unpriced_models) unpriced[model] = requests;
  return {{"from", time_or_null(savings.range.from)}, {"to", time_or_null(savings.range.to)},
          {"first", time_or_null(savings.first)},     {"last", time_or_null(savings.last)},
          {"total", sums_json(savings.total)},        {"groups", std::move(groups)},
          {"unpriced_models", std::move(unpriced)}};
}

json::object to_json(const cache::Spending& spending) {
  json::object classes;
  for (std::size_t i = 0; i < config::kTokenClasses; ++i) {
    const auto token_class = static_cast<config::TokenClass>(i);
    classes[config::name_of(token_class)] = {
        {"tokens", spending.tokens[token_class]},
        {"paid_usd", config::to_usd(spending.of(token_class))}};
  }
  return {{"looked_at", window_json(spending.window)},
          {"paid_usd", config::to_usd(spending.paid)},
          {"classes", std::move(classes)}};
}

json::object to_json(const cache::Misses& misses) {
  json::array causes;
  for (std::size_t i = 0; i < cache::kMissCauses; ++i) {
    const auto cause = static_cast<cache::MissCause>(i);
    const auto& miss = misses.of(cause);
    causes.push_back({{"cause", cache::name_of(cause)},
                      {"requests", miss.requests},
                      {"tokens", miss.tokens},
                      {"lost_usd", config::to_usd(miss.lost)},
                      {"is_upper_bound", cause == cache::MissCause::not_asked_for}});
  }
  return {{"looked_at", window_json(misses.window)},
          {"prompts", misses.prompts},
          {"hits", misses.hits},
          {"causes", std::move(causes)}};
}

json::object to_json(const cache::KbWarmth& warmth, config::TimePoint now) {
  return {{"kb", warmth.kb},
          {"upstream", warmth.upstream},
          {"model", warmth.model},
          {"kb_version", warmth.kb_version},
          {"last_used", to_rfc3339(warmth.last_used)},
          {"warm_until", to_rfc3339(warmth.warm_until)},
          {"warm", warmth.warm_until > now},
          {"promised", warmth.promised}};
}

json::object to_json(const cache::KbVersion& version, bool with_details) {
  json::object out{{"name", version.name},
                   {"version", config::to_hex(version.content_id)},
                   {"published", to_rfc3339(version.published)},
                   {"documents", version.documents.size()},
                   {"text_bytes", version.text_bytes()}};
  json::array layers;
  for (const auto& layer : version.layers) {
    layers.push_back({{"hash", config::to_hex(layer.hash)},
                      {"documents", layer.documents},
                      {"text_bytes", layer.text_bytes},
                      {"escaped_bytes", layer.escaped_bytes}});
  }
  out["layers"] = std::move(layers);
  if (!with_details) return out;
  json::array documents;
  for (const auto& document : version.documents) {
    documents.push_back({{"path", document.path},
                         {"hash", config::to_hex(document.hash)},
                         {"bytes", document.bytes}});
  }
  out["document_list"] = std::move(documents);
  return out;
}

json::object to_json(const cache::KbHistoryEntry& entry) {
  return {{"version", config::to_hex(entry.content_id)},
          {"published", to_rfc3339(entry.published)},
          {"documents", entry.documents},
          {"text_bytes", entry.text_bytes},
          {"layers", entry.layers},
          {"added", entry.added},
          {"changed", entry.changed},
          {"removed", entry.removed}};
}

json::object to_json(const Prewarmed& report) {
  return {{"model", report.model},
          {"status", report.status},
          {"tokens_written", report.tokens_written},
          {"tokens_read", report.tokens_read},
          {"reason", text_or_null(report.reason)}};
}

}  // namespace foreword::proxy
