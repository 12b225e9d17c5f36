#include "simulator/model_lists.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "simulator/json.h"
#include "simulator/world.h"

namespace foreword::simulator {
namespace {

using config::Model;
using config::Provider;

constexpr std::string_view kListPath = "/v1/models";

std::vector<const Model*> models_of(Provider provider) {
  std::vector<const Model*> models;
  for (const auto& model : config::ModelTable::built_in().models()) {
    if (model.provider == provider) models.push_back(&model);
  }
  return models;
}

/// "/v1/models/NAME" -> NAME; "" for the list itself.
std::string_view name_in(std::string_view path) {
  return path.size() > kListPath.size() + 1 ? path.substr(kListPath.size() + 1)
                                            : std::string_view();
}

Reply json_reply(const json::object& body) {
  Reply reply;
  reply.body = json::serialize(body);
  return reply;
}

json::object anthropic_model(const Model& model) {
  return {{"type", "model"},
          {"id", model.name},
          {"display_name", model.name},
          {"created_at", "1970-01-01T00:00:00Z"},
          {"lifecycle", "active"},
          {"deprecated_at", nullptr},
          {"retires_at", nullptr},
          {"line", nullptr},
          {"capabilities", nullptr},
          {"max_input_tokens", model.context_window_tokens},
          {"max_tokens", nullptr}};
}

json::object openai_model(const Model& model) {
  return {{"id", model.name},
          {"object", "model"},
          {"created", 0},
          {"owned_by", "system"},
          {"shutdown_date", nullptr}};
}

json::object gemini_model(const Model& model) {
  return {{"name", "models/" + model.name},
          {"displayName", model.name},
          {"inputTokenLimit", model.context_window_tokens},
          {"supportedGenerationMethods",
           json::array{"generateContent", "countTokens", "streamGenerateContent"}}};
}

std::size_t page_size(const Request& request) {
  constexpr std::size_t kDefault = 20;
  const std::string_view given = request.query("limit");
  std::size_t limit = kDefault;
  std::from_chars(given.data(), given.data() + given.size(), limit);
  return std::clamp<std::size_t>(limit, 1, 1000);
}

Reply anthropic_page(const Request& request) {
  const auto models = models_of(Provider::anthropic);
  const auto place_of = [&](std::string_view id) {
    return std::find_if(models.begin(), models.end(),
                        [id](const auto* m) { return m->name == id; });
  };
  auto first = models.begin();
  auto last = models.end();
  const std::string_view after = request.query("after_id");
  const std::string_view before = request.query("before_id");
  if (!after.empty()) first = std::min(place_of(after), std::prev(last)) + 1;
  if (!before.empty()) last = std::max(first, place_of(before));
  const bool has_more = static_cast<std::size_t>(last - first) > page_size(request);
  if (has_more) last = first + static_cast<std::ptrdiff_t>(page_size(request));

  json::array data;
  for (auto it = first; it != last; ++it) data.push_back(anthropic_model(**it));
  json::value first_id = data.empty() ? json::value(nullptr) : data.front().at("id");
  json::value last_id = data.empty() ? json::value(nullptr) : data.back().at("id");
  return json_reply({{"data", std::move(data)},
                     {"first_id", std::move(first_id)},
                     {"last_id", std::move(last_id)},
                     {"has_more", has_more}});
}

}  // namespace

Reply anthropic_models(const Request& request, std::string_view request_id) {
  const std::string_view name = name_in(request.path());
  if (name.empty()) return anthropic_page(request);
  const auto model = find_model(Provider::anthropic, name);
  if (!model) return refuse(Provider::anthropic, model.error(), request_id);
  return json_reply(anthropic_model(**model));
}

Parsed<Reply> openai_models(std::string_view path) {
  const std::string_view name = name_in(path);
  if (!name.empty()) {
    const auto model = find_model(Provider::openai, name);
    if (!model) return model.error();
    return json_reply(openai_model(**model));
  }
  json::array data;
  for (const auto* model : models_of(Provider::openai)) data.push_back(openai_model(*model));
  return json_reply({{"object", "list"}, {"data", std::move(data)}});
}

Parsed<Reply> gemini_models(std::string_view name) {
  if (!name.empty()) {
    const auto model = find_model(Provider::gemini, name);
    if (!model) return model.error();
    return json_reply(gemini_model(**model));
  }
  json::array models;
  for (const auto* model : models_of(Provider::gemini)) models.push_back(gemini_model(*model));
  return json_reply({{"models", std::move(models)}});
}

}  // namespace foreword::simulator
