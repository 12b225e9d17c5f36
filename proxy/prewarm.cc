#include "proxy/prewarm.h"

#include <optional>
#include <random>
#include <string_view>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "assembler/plan.h"
#include "assembler/scan.h"
#include "assembler/splice.h"
#include "config/limits.h"
#include "proxy/own_request.h"
#include "proxy/row.h"

namespace foreword::proxy {
namespace {

namespace json = boost::json;
using config::Operation;
using config::Provider;
using config::TokenClass;

const config::Model* find_model(const config::ModelTable& models, std::string_view name) {
  for (const auto provider : {Provider::anthropic, Provider::openai, Provider::gemini}) {
    if (const auto* model = models.find(provider, name)) return model;
  }
  return nullptr;
}

/// A request that writes to the cache and generates nothing, as a client would send it.
struct Opening {
  Operation operation{};
  std::string_view target;
  std::string body;
};

/// Nothing: the provider has no such request for this model, and one that generates a token would
/// be an answer nobody asked for.
std::optional<Opening> opening_for(const config::Model& model, std::string_view name) {
  Opening opening;
  if (model.provider == Provider::anthropic) {
    opening.operation = Operation::messages;
    opening.target = "/v1/messages";
    const json::value message{{"role", "user"}, {"content", "."}};
    opening.body = json::serialize(
        json::object{{"model", name}, {"max_tokens", 0}, {"messages", json::array{message}}});
    return opening;
  }
  if (model.provider == Provider::openai && model.explicit_breakpoints) {
    opening.operation = Operation::responses;
    opening.target = "/v1/responses";
    // Explicit: only the layers are written, not the full stop behind them.
    const json::object options{{"mode", "explicit"}, {"prewarm", true}};
    opening.body = json::serialize(json::object{
        {"model", name}, {"input", "."}, {"store", false}, {"prompt_cache_options", options}});
    return opening;
  }
  return std::nullopt;
}

cache::RequestId new_id(config::TimePoint at) {
  std::random_device random;
  const auto low = std::uint64_t{random()} << 32 | random();
  return cache::make_request_id(at, static_cast<std::uint16_t>(random()), low);
}

/// One model's request from its plan to its row.
class Warming {
 public:
  Warming(const Services& services, const AttachedKbs& kb, const config::UpstreamSettings& upstream,
          const config::Model& model, Prewarmed& report)
      : services_(services), kb_(kb), upstream_(upstream), model_(model), report_(report) {}

  void keeps(config::Lifetime lifetime) {
    extended_ = lifetime == config::Lifetime::extended;
    label_ = kKeepWarmLabel;
    first_byte_timeout_ = config::limits::kPingTimeout;
  }
  void run(Opening opening);

 private:
  [[nodiscard]] assembler::Plan plan(const Opening& opening) const;
  void start_row(const Opening& opening, std::size_t sent_bytes);
  void record(const config::Result<OwnAnswer>& answer, const AnswerMeter& meter);

  const Services& services_;
  const AttachedKbs& kb_;
  const config::UpstreamSettings& upstream_;
  const config::Model& model_;
  Prewarmed& report_;
  std::string_view label_ = kPrewarmLabel;
  bool extended_ = false;
  std::optional<std::chrono::milliseconds> first_byte_timeout_;
  cache::LedgerRow row_;
};

assembler::Plan Warming::plan(const Opening& opening) const {
  const auto outline = assembler::scan(opening.operation, opening.body);
  if (!outline) return {};
  assembler::KnowledgeView view;
  view.layers = kb_.knowledge.layers();
  assembler::PlanRequest request;
  request.outline = &*outline;
  request.knowledge = &view;
  request.cache_key = kb_.cache_key;
  request.knowledge_long = extended_;
  request.model.explicit_breakpoints = model_.explicit_breakpoints;
  return assembler::plan(request);
}

void Warming::start_row(const Opening& opening, std::size_t sent_bytes) {
  row_.started = services_.now();
  row_.id = new_id(row_.started);
  row_.provider = upstream_.provider;
  row_.operation = opening.operation;
  row_.mode = config::Mode::optimize;
  row_.upstream = upstream_.name;
  row_.model = report_.model;
  row_.label = label_;
  row_.kb = kb_.name;
  row_.kb_version = kb_.version;
  row_.request_bytes = opening.body.size();
  row_.inserted_bytes = sent_bytes - opening.body.size();
}

void Warming::record(const config::Result<OwnAnswer>& answer, const AnswerMeter& meter) {
  const auto* usage = meter.usage();
  row_.duration =
      std::chrono::duration_cast<std::chrono::microseconds>(services_.now() - row_.started);
  row_.outcome = answer ? cache::Outcome::complete : cache::Outcome::failed;
  row_.status = static_cast<std::uint16_t>(report_.status);
  if (usage != nullptr && usage->has_usage()) {
    row_.usage_source = cache::UsageSource::reported;
    row_.tokens = usage->usage().counts;
    row_.terms = usage->usage().terms;
  }
  if (row_.terms.inference_geo.empty()) row_.terms.inference_geo = region_of(upstream_);
  price_row(services_.models.now(), usage, row_);
  // Without caching nobody would have sent it: all it costs is taken off the savings.
  row_.cost_uncached = 0;
  row_.cost_client_only = 0;
  services_.ledger.append(row_);
}

void Warming::run(Opening opening) {
  const auto planned = plan(opening);
  if (planned.placement != assembler::Placement::inserted) {
    report_.reason = "no breakpoint could be set";
    return;
  }
  const auto spliced = assembler::splice(opening.body, planned.edits);
  start_row(opening, spliced.total_bytes);
  row_.placement = assembler::name_of(planned.placement);
  AnswerMeter meter(opening.operation, false);
  OwnRequest request;
  request.upstream = upstream_.name;
  request.target = opening.target;
  request.body = spliced.pieces;
  request.meter = &meter;
  request.first_byte_timeout = first_byte_timeout_;
  const auto answer = services_.own_requests->send(request);
  if (!answer) {
    report_.reason = answer.error().message;
  } else {
    report_.status = answer->status;
    if (answer->status != 200) {
      report_.reason = fmt::format("upstream {} answered {}", upstream_.name, answer->status);
    }
  }
  record(answer, meter);
  const auto& tokens = row_.tokens;
  report_.cost = row_.cost_actual;
  report_.tokens_read = tokens[TokenClass::cache_read];
  report_.tokens_written = tokens[TokenClass::cache_write_5m] + tokens[TokenClass::cache_write_1h] +
                           tokens[TokenClass::cache_write_30m] +
                           tokens[TokenClass::cache_write_12h];
  if (report_.reason.empty() && report_.tokens_read + report_.tokens_written == 0) {
    report_.reason = "the provider wrote nothing: it may be shorter than the least it caches";
  }
}

Prewarmed prewarm_one(const Services& services, const AttachedKbs& kb, const std::string& name) {
  Prewarmed report;
  report.model = name;
  const auto* model = find_model(services.models.now(), name);
  if (model == nullptr) {
    report.reason = "the model is not in the table of models";
    return report;
  }
  const auto* upstream = services.settings.upstream_for(model->provider);
  if (services.own_requests == nullptr) {
    report.reason = "no proxy is running: its first request writes the cache";
  } else if (upstream == nullptr || !services.own_requests->can_ask(upstream->name)) {
    report.reason = fmt::format("no key: set upstream.{}.api_key_env",
                                upstream == nullptr ? "NAME" : upstream->name);
  } else if (auto opening = opening_for(*model, name)) {
    Warming(services, kb, *upstream, *model, report).run(std::move(*opening));
  } else {
    report.reason = fmt::format("{} has no request that only writes its cache",
                                config::name_of(model->provider));
  }
  return report;
}

}  // namespace

std::vector<Prewarmed> prewarm(const Services& services, const std::shared_ptr<const LoadedKb>& kb,
                               const std::vector<std::string>& models) {
  const auto attached = attach({kb});
  std::vector<Prewarmed> reports;
  for (const auto& model : models) reports.push_back(prewarm_one(services, *attached, model));
  return reports;
}

bool can_keep_warm(const config::Model& model) {
  return opening_for(model, model.name).has_value();
}

Prewarmed keep_warm(const Services& services, const KeepWarmRequest& request) {
  Prewarmed report;
  report.model = request.model;
  const auto* model = services.models.now().find(request.upstream.provider, request.model);
  auto opening = model == nullptr ? std::nullopt : opening_for(*model, request.model);
  if (!opening) {
    report.reason = "the provider has no request that only reads its cache";
    return report;
  }
  Warming warming(services, request.kb, request.upstream, *model, report);
  warming.keeps(request.lifetime);
  warming.run(std::move(*opening));
  return report;
}

}  // namespace foreword::proxy
