#include "simulator/openai_api.h"

#include <algorithm>

#include <fmt/format.h>

#include "simulator/model_lists.h"
#include "simulator/openai_chat.h"
#include "simulator/openai_embeddings.h"
#include "simulator/openai_responses.h"

namespace foreword::simulator {
namespace {

constexpr auto kProvider = config::Provider::openai;

ApiError unsupported(std::string_view name, std::string_view advice) {
  return {
      400,
      fmt::format("Unsupported parameter: '{}' is not supported with this model. {}", name, advice),
      std::string(name), "unsupported_parameter"};
}

Parsed<void> check_chat(const json::value& body, const config::Model& model) {
  if (is_reasoning_model(model) && member(body, "max_tokens") != nullptr) {
    return unsupported("max_tokens", "Use 'max_completion_tokens' instead.");
  }
  const json::array* tools = array_member(body, "tools");
  if (tools != nullptr && !tools->empty() && model.name.starts_with("gpt-6")) {
    return unsupported("tools", "Use the Responses API for function calling with this model.");
  }
  return {};
}

Parsed<void> check_fits(std::uint64_t tokens, const config::Model& model, Dialect dialect) {
  const std::uint64_t window = model.context_window_tokens;
  if (window == 0 || tokens <= window) return {};
  if (dialect == Dialect::openai_responses) {
    return ApiError{400,
                    "Your input exceeds the context window of this model. Please adjust your input "
                    "and try again.",
                    "input", "context_length_exceeded"};
  }
  return ApiError{400,
                  fmt::format("This model's maximum context length is {} tokens. However, your "
                              "messages resulted in {} tokens. Please reduce the length of the "
                              "messages.",
                              window, tokens),
                  "messages", "context_length_exceeded"};
}

Parsed<const config::Model*> model_of(const json::value& body) {
  const std::string_view name = text_member(body, "model");
  if (name.empty()) return ApiError{400, "you must provide a model parameter", "model", ""};
  return find_model(kProvider, name);
}

std::optional<std::uint64_t> output_limit(const json::value& body) {
  for (const std::string_view name : {"max_output_tokens", "max_completion_tokens", "max_tokens"}) {
    if (const auto limit = number_member(body, name); limit && *limit > 0) {
      return static_cast<std::uint64_t>(*limit);
    }
  }
  return std::nullopt;
}

/// Thinking by effort, never more than a quarter of what the request allows.
std::uint64_t reasoning_tokens(const json::value& body, const config::Model& model) {
  if (!is_reasoning_model(model)) return 0;
  const json::value* reasoning = member(body, "reasoning");
  const std::string_view effort = reasoning == nullptr ? text_member(body, "reasoning_effort")
                                                       : text_member(*reasoning, "effort");
  if (effort == "none" || effort == "minimal") return 0;
  const std::uint64_t wanted = effort == "low"                         ? 16
                               : effort == "high" || effort == "xhigh" ? 64
                                                                       : 32;
  const auto limit = output_limit(body);
  return limit ? std::min(wanted, *limit / 4) : wanted;
}

bool wants_json(const json::value& body) {
  const json::value* text = member(body, "text");
  const json::value* format =
      text == nullptr ? member(body, "response_format") : member(*text, "format");
  return format != nullptr && text_member(*format, "type").starts_with("json");
}

Answer compose(const TokenPrompt& prompt, const json::value& body, const config::Model& model,
               std::uint64_t thought, const Options& options) {
  auto limit = output_limit(body);
  if (limit) *limit -= thought;
  return compose_answer({prompt.question, prompt.texts, piece_bytes_for(model),
                         options.answer_tokens, limit, wants_json(body)});
}

std::string reset_after(TimePoint now, TimePoint reset) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(reset - now).count();
  return seconds < 60 ? fmt::format("{}s", seconds)
                      : fmt::format("{}m{}s", seconds / 60, seconds % 60);
}

std::uint64_t left(std::uint64_t limit, std::uint64_t used) {
  return limit - std::min(limit, used);
}

}  // namespace

Reply OpenAiApi::handle(const Request& request) {
  const std::string request_id = world_.ids.next("req_", 32);
  const auto account = authenticate(request, kProvider);
  Reply reply;
  if (!account) {
    reply = refuse(kProvider, account.error(), request_id);
  } else {
    auto answered = answer(request, *account);
    reply = answered ? std::move(*answered) : refuse(kProvider, answered.error(), request_id);
    add_account_headers(reply, *account);
  }
  reply.headers.push_back({"x-request-id", request_id});
  reply.headers.push_back({"openai-processing-ms", "12"});
  reply.headers.push_back({"openai-version", "2020-10-01"});
  return reply;
}

void OpenAiApi::reset() {
  caching_.clear();
  store_.clear();
}

Parsed<Reply> OpenAiApi::answer(const Request& request, const config::Hash128& account) {
  const std::string_view path = request.path();
  if (request.method == "GET" && path.starts_with("/v1/models")) return openai_models(path);
  const bool is_known = path == "/v1/chat/completions" || path == "/v1/responses" ||
                        path == "/v1/responses/input_tokens" || path == "/v1/embeddings";
  if (request.method != "POST" || !is_known) {
    return ApiError{404, fmt::format("Invalid URL ({} {})", request.method, path)};
  }
  const auto body = parse_json(request.body);
  if (!body || !body->is_object()) {
    return ApiError{400,
                    "We could not parse the JSON body of your request. The API expects a JSON "
                    "object."};
  }
  if (path == "/v1/chat/completions") return chat(*body, account);
  if (path == "/v1/responses") return responses(*body, request.body.size(), account);
  if (path == "/v1/responses/input_tokens") return count_input(*body, account);
  return embeddings_reply(*body);
}

Parsed<Reply> OpenAiApi::chat(const json::value& body, const config::Hash128& account) {
  const auto model = model_of(body);
  if (!model) return model.error();
  if (auto checked = check_chat(body, **model); !checked) return checked.error();
  const auto options = read_cache_options(body, Dialect::openai_chat, **model);
  if (!options) return options.error();
  const auto prompt = read_chat_prompt(body, **model, *options, world_.memo);
  if (!prompt) return prompt.error();
  const auto fits = check_fits(prompt->tokens.size(), **model, Dialect::openai_chat);
  if (!fits) return fits.error();
  auto served = caching_.serve(world_, account, **model, body, *prompt, *options);
  if (!served) return served.error();

  ChatCompletion completion;
  completion.id = world_.ids.next("chatcmpl-", 29);
  completion.model = text_member(body, "model");
  completion.created_seconds = now_seconds();
  completion.usage = served->usage;
  completion.reports_writes = (*model)->explicit_breakpoints;
  completion.reasoning_tokens = reasoning_tokens(body, **model);
  completion.answer = compose(*prompt, body, **model, completion.reasoning_tokens, world_.options);

  Reply reply;
  reply.model = completion.model;
  reply.usage = counts_of(completion.usage, completion.output_tokens());
  reply.breakpoints = prompt->markers;
  reply.on_first_byte = std::move(served->on_first_byte);
  reply.is_streamed = is_true(body, "stream");
  if (reply.is_streamed) {
    const json::value* stream_options = member(body, "stream_options");
    const bool include_usage =
        stream_options != nullptr && is_true(*stream_options, "include_usage");
    reply.content_type = "text/event-stream; charset=utf-8";
    reply.events = chat_events(completion, include_usage);
  } else {
    reply.body = chat_body(completion);
  }
  return reply;
}

Parsed<std::shared_ptr<const StoredResponse>> OpenAiApi::previous_of(
    const json::value& body, const config::Hash128& account) {
  const std::string_view id = text_member(body, "previous_response_id");
  if (id.empty()) return std::shared_ptr<const StoredResponse>();
  auto previous = store_.find(account, id);
  if (previous) return previous;
  return ApiError{400, fmt::format("Previous response with id '{}' not found.", id),
                  "previous_response_id", "previous_response_not_found"};
}

Parsed<Reply> OpenAiApi::responses(const json::value& body, std::size_t body_bytes,
                                   const config::Hash128& account) {
  const auto model = model_of(body);
  if (!model) return model.error();
  const auto previous = previous_of(body, account);
  if (!previous) return previous.error();
  const auto options = read_cache_options(body, Dialect::openai_responses, **model);
  if (!options) return options.error();
  const auto earlier = items_up_to(previous->get());
  const auto prompt = read_responses_prompt(body, earlier, **model, *options, world_.memo);
  if (!prompt) return prompt.error();
  const auto fits = check_fits(prompt->tokens.size(), **model, Dialect::openai_responses);
  if (!fits) return fits.error();
  auto served = caching_.serve(world_, account, **model, body, *prompt, *options);
  if (!served) return served.error();

  ModelResponse response;
  response.id = world_.ids.next("resp_", 48);
  response.message_id = world_.ids.next("msg_", 48);
  response.model = text_member(body, "model");
  response.created_seconds = now_seconds();
  response.echoed = echo_request(body, (*model)->explicit_breakpoints);
  response.usage = served->usage;
  response.prewarm = options->prewarm;
  if (!response.prewarm) {
    response.reasoning_tokens = reasoning_tokens(body, **model);
    response.answer = compose(*prompt, body, **model, response.reasoning_tokens, world_.options);
  }
  const json::value* store = member(body, "store");
  if (!response.prewarm && (store == nullptr || is_true(body, "store"))) {
    auto items = input_items(body);
    items.emplace_back(output_message(response, "completed"));
    store_.keep(account, response.id,
                std::make_shared<const StoredResponse>(
                    StoredResponse{std::move(items), *previous, body_bytes}));
  }

  Reply reply;
  reply.model = response.model;
  reply.usage = counts_of(response.usage, response.output_tokens());
  reply.breakpoints = prompt->markers;
  reply.on_first_byte = std::move(served->on_first_byte);
  reply.is_streamed = is_true(body, "stream");
  if (reply.is_streamed) {
    reply.content_type = "text/event-stream; charset=utf-8";
    reply.events = response_events(response);
  } else {
    reply.body = response_body(response);
  }
  return reply;
}

Parsed<Reply> OpenAiApi::count_input(const json::value& body, const config::Hash128& account) {
  const auto model = model_of(body);
  if (!model) return model.error();
  const auto previous = previous_of(body, account);
  if (!previous) return previous.error();
  const auto earlier = items_up_to(previous->get());
  const auto prompt =
      read_responses_prompt(body, earlier, **model, OpenAiCacheOptions{}, world_.memo);
  if (!prompt) return prompt.error();
  Reply reply;
  reply.model = text_member(body, "model");
  reply.body = json::serialize(
      json::object{{"object", "response.input_tokens"}, {"input_tokens", prompt->tokens.size()}});
  return reply;
}

std::int64_t OpenAiApi::now_seconds() const {
  return std::chrono::duration_cast<std::chrono::seconds>(world_.clock.now().time_since_epoch())
      .count();
}

void OpenAiApi::add_account_headers(Reply& reply, const config::Hash128& account) {
  const Options& limits = world_.options;
  const TimePoint now = world_.clock.now();
  // Cached tokens do count towards the limit here.
  const RateUse use = world_.rates.add(account, now, reply.usage.prompt(), reply.usage.output());
  const auto add = [&](std::string_view kind, std::uint64_t limit, std::uint64_t used) {
    const auto name = [kind](std::string_view what) {
      return fmt::format("x-ratelimit-{}-{}", what, kind);
    };
    reply.headers.push_back({name("limit"), std::to_string(limit)});
    reply.headers.push_back({name("remaining"), std::to_string(left(limit, used))});
    reply.headers.push_back({name("reset"), reset_after(now, use.reset)});
  };
  add("requests", limits.requests_per_minute, use.requests);
  add("tokens", limits.input_tokens_per_minute, use.input_tokens + use.output_tokens);
  reply.headers.push_back({"openai-organization", "org-" + base62(account, 16)});
}

}  // namespace foreword::simulator
