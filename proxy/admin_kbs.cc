#include "proxy/admin_kbs.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "cache/savings.h"
#include "config/load.h"
#include "proxy/admin_json.h"
#include "proxy/prewarm.h"

namespace foreword::proxy {
namespace {

namespace json = boost::json;

/// An empty body is an empty object.
config::Result<json::object> read_object(std::string_view body) {
  if (body.empty()) return json::object();
  boost::system::error_code failure;
  auto parsed = json::parse(json::string_view(body.data(), body.size()), failure);
  if (failure) return config::Error{"the body is not JSON: " + failure.message()};
  if (!parsed.is_object()) return config::Error{"the body has to be a JSON object"};
  return std::move(parsed.get_object());
}

/// "documents": [{"path": ..., "text": ...}, ...]
config::Result<std::vector<RawDocument>> read_documents(json::object& root) {
  auto* list = root.if_contains("documents");
  if (list == nullptr || !list->is_array()) {
    return config::Error{R"(the body has to be {"documents": [{"path": ..., "text": ...}, ...]})"};
  }
  std::vector<RawDocument> documents;
  for (auto& item : list->get_array()) {
    auto* object = item.if_object();
    auto* path = object != nullptr ? object->if_contains("path") : nullptr;
    auto* text = object != nullptr ? object->if_contains("text") : nullptr;
    if (path == nullptr || text == nullptr || !path->is_string() || !text->is_string()) {
      return config::Error{
          fmt::format("document {} has to be an object with the strings \"path\" and \"text\"",
                      documents.size() + 1)};
    }
    RawDocument document;
    document.path = std::string(path->get_string());
    document.text = std::string(text->get_string());
    documents.push_back(std::move(document));
  }
  return documents;
}

/// "prewarm": ["claude-sonnet-5-5", ...]; missing: none.
config::Result<std::vector<std::string>> read_models(const json::object& root) {
  std::vector<std::string> models;
  const auto* list = root.if_contains("prewarm");
  if (list == nullptr) return models;
  const config::Error wrong{R"("prewarm" has to be a list of models' names)"};
  if (!list->is_array()) return wrong;
  for (const auto& name : list->get_array()) {
    if (!name.is_string()) return wrong;
    models.emplace_back(name.get_string());
  }
  return models;
}

/// What a layout has to know of a knowledge base that nobody has asked anything yet.
constexpr double kUnknownRequestsPerDay = 10;
constexpr std::chrono::days kRateWindow{7};

/// Requests a day with the knowledge base, over the last week or as long as there are rows.
double requests_per_day(const cache::Savings& savings, std::string_view kb, config::TimePoint now) {
  const auto found = savings.groups.find(std::string(kb));
  if (found == savings.groups.end() || !savings.first) return kUnknownRequestsPerDay;
  const std::chrono::duration<double, std::ratio<86'400>> days = now - *savings.first;
  return static_cast<double>(found->second.requests) / std::max(days.count(), 1.0);
}

AdminResponse unknown(std::string_view name) {
  return error_response(404, fmt::format("there is no knowledge base '{}'", name));
}

/// Warms a new version and remembers what came of it.
class Warmth {
 public:
  Warmth(const Services& services, const std::vector<std::string>& models)
      : services_(services), models_(models) {}

  /// Empty where no model is named. Not to outlive this.
  [[nodiscard]] BeforeShown before_shown() {
    if (models_.empty()) return nullptr;
    return [this](const std::shared_ptr<const LoadedKb>& kb) {
      for (const auto& report : prewarm(services_, kb, models_)) {
        reports_.push_back(to_json(report));
      }
    };
  }
  [[nodiscard]] const json::array& reports() const { return reports_; }

 private:
  const Services& services_;
  const std::vector<std::string>& models_;
  json::array reports_;
};

AdminResponse published(const Services& services, const PublishReport& report,
                        const Warmth& warmth) {
  auto answer = to_json(report.version, services.models, true);
  answer["changed"] = report.changed;
  answer["rewritten_bytes"] = report.rewritten_bytes;
  answer["prewarmed"] = warmth.reports();
  return json_response(200, answer);
}

}  // namespace

bool AdminKbs::knows(std::string_view path) {
  if (!path.starts_with(kPath)) return false;
  path.remove_prefix(kPath.size());
  return path.empty() || path.starts_with('/');
}

AdminResponse AdminKbs::answer(std::string_view method, std::string_view path,
                               std::string_view body) {
  const bool reads = method == "GET" || method == "HEAD";
  if (path == kPath) return reads ? list() : error_response(405, "this path takes GET");
  auto name = path.substr(kPath.size() + 1);
  if (const auto slash = name.find('/'); slash != std::string_view::npos) {
    const auto part = name.substr(slash + 1);
    name = name.substr(0, slash);
    if (part == "history" && reads) return history(name);
    if (part == "documents" && reads) return export_texts(name);
    if (part == "rollback" && method == "POST") return roll_back(name, body);
    return error_response(
        404, "a knowledge base has GET history, GET documents and POST rollback below it");
  }
  if (reads) return show(name);
  if (method == "PUT") return put(name, body);
  if (method == "DELETE") return remove(name);
  return error_response(405, "a knowledge base takes GET, PUT and DELETE");
}

AdminResponse AdminKbs::list() const {
  json::array list;
  for (const auto& kb : services_.knowledge.list()) {
    list.push_back(to_json(kb->version, services_.models, false));
  }
  return json_response(200, {{"kbs", std::move(list)}});
}

AdminResponse AdminKbs::show(std::string_view name) const {
  const auto kb = services_.knowledge.find(name);
  if (!kb) return unknown(name);
  return json_response(200, to_json(kb->version, services_.models, true));
}

config::Result<assembler::LayoutPolicy> AdminKbs::layout_policy(std::string_view name) {
  const auto now = services_.now();
  cache::TimeRange range;
  range.from = now - kRateWindow;
  services_.ledger.flush();
  const auto rows = cache::savings(store_, range, cache::GroupBy::kb, services_.settings.finetune);
  if (!rows) return rows.error();
  assembler::LayoutPolicy policy;
  policy.requests_per_day = requests_per_day(*rows, name, now);
  return policy;
}

AdminResponse AdminKbs::put(std::string_view name, std::string_view body) {
  if (!config::is_kb_name(name)) {
    return error_response(
        400,
        "a knowledge base's name has letters, digits, '.', '_' and '-', at most 64, and is "
        "not 'none'");
  }
  auto root = read_object(body);
  if (!root) return error_response(400, root.error().message);
  const auto models = read_models(*root);
  if (!models) return error_response(400, models.error().message);
  auto documents = read_documents(*root);
  if (!documents) return error_response(400, documents.error().message);
  root->clear();
  const auto policy = layout_policy(name);
  if (!policy) return failed_response(policy.error());
  Warmth warmth(services_, *models);
  const auto report = services_.knowledge.publish(name, std::move(*documents), services_.now(),
                                                  *policy, warmth.before_shown());
  if (!report) return error_response(400, report.error().message);
  return published(services_, *report, warmth);
}

AdminResponse AdminKbs::history(std::string_view name) const {
  const auto entries = services_.knowledge.history(name);
  if (!entries) return failed_response(entries.error());
  if (entries->empty()) return unknown(name);
  json::array list;
  for (const auto& entry : *entries) {
    auto line = to_json(entry);
    line["current"] = list.empty();
    list.push_back(std::move(line));
  }
  return json_response(200, {{"name", name}, {"versions", std::move(list)}});
}

AdminResponse AdminKbs::roll_back(std::string_view name, std::string_view body) {
  const auto root = read_object(body);
  if (!root) return error_response(400, root.error().message);
  const auto models = read_models(*root);
  if (!models) return error_response(400, models.error().message);
  std::optional<std::string> version;
  if (const auto* given = root->if_contains("version")) {
    if (!given->is_string()) return error_response(400, "\"version\" has to be a string");
    version = std::string(given->get_string());
  }
  if (!services_.knowledge.find(name)) return unknown(name);
  Warmth warmth(services_, *models);
  const auto report =
      services_.knowledge.roll_back(name, version, services_.now(), warmth.before_shown());
  if (!report) return error_response(400, report.error().message);
  return published(services_, *report, warmth);
}

AdminResponse AdminKbs::export_texts(std::string_view name) const {
  const auto kb = services_.knowledge.find(name);
  if (!kb) return unknown(name);
  json::array list;
  for (const auto& document : kb->version.documents) {
    const auto text = cache::get_document(store_, document.hash);
    if (!text) return failed_response(text.error());
    list.push_back({{"path", document.path}, {"text", *text}});
  }
  return json_response(200, {{"name", name}, {"documents", std::move(list)}});
}

AdminResponse AdminKbs::remove(std::string_view name) {
  const auto removed = services_.knowledge.remove(name);
  if (!removed) return failed_response(removed.error());
  if (!*removed) return unknown(name);
  return json_response(200, {{"removed", name}});
}

}  // namespace foreword::proxy
