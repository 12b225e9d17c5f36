#include "proxy/kb_counts.h"

#include <string_view>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "cache/token_counts.h"
#include "proxy/own_request.h"

namespace foreword::proxy {
namespace {

namespace json = boost::json;
using config::Provider;
using config::Result;

/// How a provider counts a prompt: a text goes between the two halves of the body.
struct CountRequest {
  std::string target;
  std::string before;
  std::string behind;
  /// The same without a text, for what the question around it takes.
  std::string without;
  const char* answer = "";
};

CountRequest count_request(const config::Model& model) {
  const auto& name = model.name;
  CountRequest request;
  switch (model.provider) {
    case Provider::anthropic:
      request.target = "/v1/messages/count_tokens";
      request.behind =
          fmt::format(R"("model":"{}","messages":[{{"role":"user","content":"."}}]}})", name);
      request.before = R"({"system":[{"type":"text","text":")";
      request.without = "{" + request.behind;
      request.behind = R"("}],)" + request.behind;
      request.answer = "input_tokens";
      break;
    case Provider::openai: {
      request.target = "/v1/responses/input_tokens";
      const auto head = fmt::format(R"({{"model":"{}","input":[)", name);
      constexpr std::string_view kQuestion = R"({"role":"user","content":"."}]})";
      request.before = head + R"({"role":"developer","content":[{"type":"input_text","text":")";
      request.behind = R"("}]},)" + std::string(kQuestion);
      request.without = head + std::string(kQuestion);
      request.answer = "input_tokens";
      break;
    }
    case Provider::gemini: {
      request.target = fmt::format("/v1beta/models/{}:countTokens", name);
      const auto head = fmt::format(R"({{"generateContentRequest":{{"model":"models/{}",)", name);
      constexpr std::string_view kQuestion =
          R"("contents":[{"role":"user","parts":[{"text":"."}]}]}})";
      request.before = head + R"("systemInstruction":{"parts":[{"text":")";
      request.behind = R"("}]},)" + std::string(kQuestion);
      request.without = head + std::string(kQuestion);
      request.answer = "totalTokens";
      break;
    }
  }
  return request;
}

/// One model's layers, each asked for once.
class Counting {
 public:
  Counting(OwnRequests& requests, cache::Store& store, const config::UpstreamSettings& upstream,
           const config::Model& model)
      : requests_(requests),
        store_(store),
        upstream_(upstream),
        model_(model),
        request_(count_request(model)) {}

  Result<std::uint64_t> of(const cache::StoredLayer& layer, const std::string& escaped) {
    if (!around_) {
      const std::string_view whole[] = {request_.without};
      const auto counted = ask(whole);
      if (!counted) return counted.error();
      around_ = *counted;
    }
    const std::string_view whole[] = {request_.before, escaped, request_.behind};
    const auto counted = ask(whole);
    if (!counted) return counted.error();
    if (*counted <= *around_) return config::Error{"it counts no tokens in a layer"};
    const auto tokens = *counted - *around_;
    if (auto kept = cache::put_token_count(store_, layer.hash, model_.name, tokens); !kept) {
      return kept.error();
    }
    return tokens;
  }

 private:
  Result<std::uint64_t> ask(std::span<const std::string_view> body) {
    OwnRequest request;
    request.upstream = upstream_.name;
    request.target = request_.target;
    request.body = body;
    const auto answer = requests_.send(request);
    if (!answer) return answer.error();
    const auto failure = [&](std::string_view what) {
      return config::Error{fmt::format("upstream {} answered {}{} when asked to count",
                                       upstream_.name, answer->status, what)};
    };
    if (answer->status != 200) return failure("");
    boost::system::error_code failed;
    const auto parsed = json::parse(answer->body, failed);
    const auto* object = failed ? nullptr : parsed.if_object();
    const auto* count = object != nullptr ? object->if_contains(request_.answer) : nullptr;
    if (count == nullptr) return failure(", but with no count,");
    const auto tokens = count->to_number<std::uint64_t>(failed);
    if (failed) return failure(", but with no count,");
    return tokens;
  }

  OwnRequests& requests_;
  cache::Store& store_;
  const config::UpstreamSettings& upstream_;
  const config::Model& model_;
  const CountRequest request_;
  std::optional<std::uint64_t> around_;
};

KbCount count_one(const Services& services, cache::Store& store, const config::Model& model,
                  const std::vector<cache::StoredLayer>& layers,
                  const std::vector<std::string>& escaped) {
  KbCount count;
  const auto* upstream = services.settings.upstream_for(model.provider);
  const bool has_key = services.own_requests != nullptr && upstream != nullptr &&
                       services.own_requests->can_ask(upstream->name);
  if (!has_key) return count;
  Counting counting(*services.own_requests, store, *upstream, model);
  std::vector<std::uint64_t> tokens;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const auto known = cache::get_token_count(store, layers[i].hash, model.name);
    if (known && *known) {
      tokens.push_back(**known);
      continue;
    }
    const auto counted = counting.of(layers[i], escaped[i]);
    if (!counted) {
      count.failure = counted.error().message;
      return count;
    }
    tokens.push_back(*counted);
  }
  count.layers = std::move(tokens);
  return count;
}

}  // namespace

KbCounts known_counts(const cache::Store& store, const std::vector<const config::Model*>& models,
                      const std::vector<cache::StoredLayer>& layers) {
  KbCounts counts;
  for (const auto* model : models) {
    const auto known = cache::get_token_counts(store, layers, model->name);
    if (known && *known && !layers.empty()) counts[model].layers = **known;
  }
  return counts;
}

KbCounts count_tokens(const Services& services, cache::Store& store,
                      const std::vector<const config::Model*>& models,
                      const std::vector<cache::StoredLayer>& layers,
                      const std::vector<std::string>& escaped) {
  auto counts = known_counts(store, models, layers);
  for (const auto* model : models) {
    auto& count = counts[model];
    if (!count.layers) count = count_one(services, store, *model, layers, escaped);
  }
  return counts;
}

}  // namespace foreword::proxy
