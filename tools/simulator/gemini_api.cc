#include "simulator/gemini_api.h"

#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "simulator/gemini_stream.h"
#include "simulator/model_lists.h"

namespace foreword::simulator {
namespace {

constexpr auto kProvider = config::Provider::gemini;
constexpr std::uint64_t kThoughtTokens = 24;
/// How long Gemini keeps an implicit prefix is not published, nor how finely it cuts it: "send
/// similar requests close in time".
constexpr PrefixLifetime kLifetime{std::chrono::minutes(5), std::chrono::hours(1)};

/// The smallest models publish no minimum: that of their family's Flash.
std::uint64_t min_tokens(const config::Model& model) {
  const std::uint64_t of_family = model.name.starts_with("gemini-2.5") ? 2048 : 4096;
  return model.min_cacheable_tokens.value_or(of_family);
}

/// "/v1beta/models/NAME:VERB" in its parts; empty where there is no such part.
struct Target {
  std::string_view name;
  std::string_view verb;
};

Target read_target(std::string_view path) {
  constexpr std::string_view kCollection = "/models";
  const auto at = path.find(kCollection);
  if (at == path.npos) return {};
  path.remove_prefix(std::min(path.size(), at + kCollection.size() + 1));
  const auto colon = path.find(':');
  return {path.substr(0, colon), colon == path.npos ? std::string_view() : path.substr(colon + 1)};
}

Parsed<void> check_fits(std::uint64_t tokens, const config::Model& model) {
  const std::uint64_t window = model.context_window_tokens;
  if (window == 0 || tokens <= window) return {};
  return ApiError{400,
                  fmt::format("The input token count ({}) exceeds the maximum number of tokens "
                              "allowed ({}).",
                              tokens, window)};
}

config::TokenCounts counts_of(const GeminiResponse& response) {
  config::TokenCounts counts;
  counts[config::TokenClass::input] = response.prompt_tokens - response.cached_tokens;
  counts[config::TokenClass::cache_read] = response.cached_tokens;
  counts[config::TokenClass::output] = response.answer.tokens() + response.thought_tokens;
  return counts;
}

ApiError not_found() {
  return {404, "Requested entity was not found."};
}

}  // namespace

Reply GeminiApi::handle(const Request& request) {
  const auto account = authenticate(request, kProvider);
  if (!account) return refuse(kProvider, account.error(), "");
  auto answered = answer(request, *account);
  return answered ? std::move(*answered) : refuse(kProvider, answered.error(), "");
}

Parsed<Reply> GeminiApi::answer(const Request& request, const config::Hash128& account) {
  const std::string_view path = request.path();
  const Target target = read_target(path);
  if (path.find("/models") == path.npos) return not_found();
  if (request.method == "GET" && target.verb.empty()) return gemini_models(target.name);
  const bool is_stream = target.verb == "streamGenerateContent";
  const bool is_count = target.verb == "countTokens";
  if (request.method != "POST" || !(is_stream || is_count || target.verb == "generateContent")) {
    return not_found();
  }
  const auto model = find_model(kProvider, target.name);
  if (!model) return model.error();
  const auto body = parse_json(request.body);
  if (!body || !body->is_object()) {
    return ApiError{400, "Invalid JSON payload received."};
  }
  if (is_count) return count(*body, **model);
  const Form form = !is_stream                      ? Form::document
                    : request.query("alt") == "sse" ? Form::events
                                                    : Form::array;
  return generate(*body, **model, account, form);
}

Parsed<Reply> GeminiApi::generate(const json::value& body, const config::Model& model,
                                  const config::Hash128& account, Form form) {
  const auto prompt = read_gemini_prompt(body, model, world_.memo);
  if (!prompt) return prompt.error();
  if (auto fits = check_fits(prompt->tokens.size(), model); !fits) return fits.error();
  const auto scope = config::xxh3_128(config::to_bytes(account) + model.name);
  auto lookup = std::make_shared<PrefixCache::Lookup>(
      cache_.look_up(scope, prompt->tokens, min_tokens(model), kLifetime, world_.clock.now()));

  const GeminiGeneration generation = read_generation_config(body);
  auto limit = generation.max_output_tokens;
  GeminiResponse response;
  response.id = world_.ids.next("", 22);
  response.model = model.name;
  response.prompt_tokens = prompt->tokens.size();
  response.cached_tokens = lookup->cached_tokens;
  if (generation.thinks) {
    response.thought_tokens = limit ? std::min(kThoughtTokens, *limit / 4) : kThoughtTokens;
  }
  if (limit) *limit -= response.thought_tokens;
  response.answer = compose_answer({prompt->question, prompt->texts, piece_bytes_for(model),
                                    world_.options.answer_tokens, limit, generation.as_json});

  Reply reply;
  reply.model = model.name;
  reply.usage = counts_of(response);
  reply.on_first_byte = [this, lookup] { cache_.publish(*lookup); };
  reply.is_streamed = form != Form::document;
  reply.content_type =
      form == Form::events ? "text/event-stream" : "application/json; charset=UTF-8";
  if (reply.is_streamed) {
    reply.events = gemini_events(response, form == Form::events);
  } else {
    reply.body = gemini_body(response);
  }
  return reply;
}

Parsed<Reply> GeminiApi::count(const json::value& body, const config::Model& model) {
  const json::value* nested = member(body, "generateContentRequest", "generate_content_request");
  const auto prompt = read_gemini_prompt(nested == nullptr ? body : *nested, model, world_.memo);
  if (!prompt) return prompt.error();
  const std::uint64_t tokens = prompt->tokens.size();
  json::array details;
  details.push_back(json::object{{"modality", "TEXT"}, {"tokenCount", tokens}});
  Reply reply;
  reply.model = model.name;
  reply.body = json::serialize(
      json::object{{"totalTokens", tokens}, {"promptTokensDetails", std::move(details)}});
  return reply;
}

}  // namespace foreword::simulator
