#include "simulator/anthropic_api.h"

#include <algorithm>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "simulator/anthropic_stream.h"
#include "simulator/model_lists.h"

namespace foreword::simulator {
namespace {

constexpr auto kProvider = config::Provider::anthropic;
constexpr std::size_t kMaxBodyBytes = 32u << 20;
/// For claude-fable-5-2, whose minimum is not published: that of its predecessors.
constexpr std::uint64_t kUnpublishedMinTokens = 512;
constexpr std::int64_t kMinThinkingBudget = 1024;
constexpr std::uint64_t kThinkingTokens = 24;

bool thinks(const json::value& body) {
  const json::value* thinking = member(body, "thinking");
  if (thinking == nullptr) return false;
  const std::string_view type = text_member(*thinking, "type");
  return !type.empty() && type != "disabled";
}

/// `max_tokens: 0` fills the cache and generates nothing; what asks for output contradicts it.
Parsed<void> check_prewarm(const json::value& body) {
  const auto conflict = [](std::string_view what) {
    return ApiError{400, fmt::format("max_tokens: 0 cannot be used with {}", what)};
  };
  if (is_true(body, "stream")) return conflict("stream");
  if (thinks(body)) return conflict("thinking");
  if (const json::value* output = member(body, "output_config")) {
    if (member(*output, "format") != nullptr) return conflict("output_config.format");
  }
  if (const json::value* choice = member(body, "tool_choice")) {
    const std::string_view type = text_member(*choice, "type");
    if (type == "tool" || type == "any") return conflict("tool_choice");
  }
  return {};
}

Parsed<std::uint64_t> check_max_tokens(const json::value& body) {
  const auto max_tokens = number_member(body, "max_tokens");
  if (!max_tokens) return ApiError{400, "max_tokens: Field required"};
  if (*max_tokens < 0) {
    return ApiError{400, "max_tokens: Input should be greater than or equal to 0"};
  }
  if (*max_tokens == 0) {
    if (auto checked = check_prewarm(body); !checked) return checked.error();
  }
  const json::value* thinking = member(body, "thinking");
  const auto budget =
      thinking == nullptr ? std::nullopt : number_member(*thinking, "budget_tokens");
  if (budget && *budget < kMinThinkingBudget) {
    return ApiError{
        400, "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024"};
  }
  if (budget && *budget >= *max_tokens) {
    return ApiError{400, "`max_tokens` must be greater than `thinking.budget_tokens`"};
  }
  return static_cast<std::uint64_t>(*max_tokens);
}

Parsed<void> check_fits(const AnthropicPrompt& prompt, const config::Model& model) {
  if (model.context_window_tokens == 0 || prompt.tokens <= model.context_window_tokens) return {};
  return ApiError{400, fmt::format("prompt is too long: {} tokens > {} maximum", prompt.tokens,
                                   model.context_window_tokens)};
}

/// A thread is continued from what the server kept; nothing is kept here, which clients must
/// expect.
Parsed<void> check_thread(const json::value& body) {
  const json::value* thread = member(body, "thread");
  if (thread == nullptr || text_member(*thread, "type") != "continue") return {};
  return ApiError{404, "thread_not_found: the thread does not exist or has expired"};
}

bool wants_json(const json::value& body) {
  const json::value* output = member(body, "output_config");
  return output != nullptr && member(*output, "format") != nullptr;
}

struct PromptCall {
  const config::Model* model;
  json::value body;
};

/// What messages and count_tokens have in common: a JSON object, a known model.
Parsed<PromptCall> read_call(const Request& request) {
  if (request.body.size() > kMaxBodyBytes) {
    return ApiError{413, "Request exceeds the maximum size"};
  }
  if (request.header("anthropic-version").empty()) {
    return ApiError{400, "anthropic-version: header is required"};
  }
  auto body = parse_json(request.body);
  if (!body || !body->is_object()) {
    return ApiError{400, "The request body is not valid JSON."};
  }
  const std::string_view name = text_member(*body, "model");
  if (name.empty()) return ApiError{400, "model: Field required"};
  const auto model = find_model(kProvider, name);
  if (!model) return model.error();
  return PromptCall{*model, std::move(*body)};
}

config::TokenCounts counts_of(const AnthropicMessage& message) {
  config::TokenCounts counts;
  counts[config::TokenClass::input] = message.usage.input;
  counts[config::TokenClass::cache_read] = message.usage.cache_read;
  counts[config::TokenClass::cache_write_5m] = message.usage.write_5m;
  counts[config::TokenClass::cache_write_1h] = message.usage.write_1h;
  counts[config::TokenClass::output] = message.output_tokens();
  return counts;
}

/// What a cache is not shared across: the key's workspace, and the model.
config::Hash128 scope_of(const config::Hash128& account, const config::Model& model) {
  return config::xxh3_128(config::to_bytes(account) + model.name);
}

std::string rfc3339(TimePoint at) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                     std::chrono::time_point_cast<std::chrono::seconds>(at));
}

std::uint64_t left(std::uint64_t limit, std::uint64_t used) {
  return limit - std::min(limit, used);
}

}  // namespace

Reply AnthropicApi::handle(const Request& request) {
  const std::string request_id = world_.ids.next("req_011C", 20);
  Reply reply = answer(request, request_id);
  reply.headers.push_back({"request-id", request_id});
  return reply;
}

void AnthropicApi::reset() {
  cache_.clear();
  diagnosis_.clear();
}

Reply AnthropicApi::answer(const Request& request, const std::string& request_id) {
  const auto account = authenticate(request, kProvider);
  if (!account) return refuse(kProvider, account.error(), request_id);
  const std::string_view path = request.path();
  const bool is_post = request.method == "POST";
  Reply reply;
  if (is_post && path == "/v1/messages") {
    reply = messages(request, *account, request_id);
  } else if (is_post && path == "/v1/messages/count_tokens") {
    reply = count_tokens(request, request_id);
  } else if (request.method == "GET" && path.starts_with("/v1/models")) {
    reply = anthropic_models(request, request_id);
  } else {
    reply = refuse(kProvider, {404, "Not Found"}, request_id);
  }
  add_account_headers(reply, *account);
  return reply;
}

Reply AnthropicApi::messages(const Request& request, const config::Hash128& account,
                             const std::string& request_id) {
  const TimePoint start = world_.clock.now();
  const auto call = read_call(request);
  if (!call) return refuse(kProvider, call.error(), request_id);
  const json::value& body = call->body;
  const config::Model& model = *call->model;
  if (auto checked = check_thread(body); !checked)
    return refuse(kProvider, checked.error(), request_id);
  const auto max_tokens = check_max_tokens(body);
  if (!max_tokens) return refuse(kProvider, max_tokens.error(), request_id);
  const auto prompt =
      read_anthropic_prompt(body, model, request.header("anthropic-version"), world_.memo);
  if (!prompt) return refuse(kProvider, prompt.error(), request_id);
  if (auto fits = check_fits(*prompt, model); !fits)
    return refuse(kProvider, fits.error(), request_id);

  const auto scope = scope_of(account, model);
  auto lookup = cache_.look_up(scope, prompt->blocks,
                               model.min_cacheable_tokens.value_or(kUnpublishedMinTokens), start);

  AnthropicMessage message;
  message.id = world_.ids.next("msg_01", 22);
  message.model = text_member(body, "model");
  message.usage = lookup.usage;
  message.usage.input = prompt->tokens - lookup.usage.cached();
  message.speed = text_member(body, "speed");
  message.inference_geo = text_member(body, "inference_geo");
  message.thinking_tokens = thinks(body) ? std::min(kThinkingTokens, *max_tokens) : 0;
  message.answer = compose_answer({prompt->question, prompt->texts, piece_bytes_for(model),
                                   world_.options.answer_tokens,
                                   *max_tokens - message.thinking_tokens, wants_json(body)});
  // A change of speed keeps the tools' cache, but the diagnosis reports it as a change of model.
  const auto diagnosed_scope = config::xxh3_128(config::to_bytes(scope) + message.speed);
  message.diagnostics = diagnosis_.diagnose(body, diagnosed_scope, *prompt);
  diagnosis_.remember(message.id, diagnosed_scope, *prompt);

  Reply reply;
  reply.model = text_member(body, "model");
  reply.usage = counts_of(message);
  reply.breakpoints = prompt->breakpoints;
  for (const auto& block : prompt->blocks) reply.uncached_tokens += block.tokens;
  reply.uncached_tokens -= message.usage.cache_read;
  reply.on_first_byte = [this, writes = std::move(lookup.writes)] { cache_.publish(writes); };
  reply.is_streamed = is_true(body, "stream");
  if (reply.is_streamed) {
    reply.content_type = "text/event-stream; charset=utf-8";
    reply.events = message_events(message);
  } else {
    reply.body = message_body(message);
  }
  return reply;
}

Reply AnthropicApi::count_tokens(const Request& request, const std::string& request_id) {
  const auto call = read_call(request);
  if (!call) return refuse(kProvider, call.error(), request_id);
  const auto prompt = read_anthropic_prompt(call->body, *call->model,
                                            request.header("anthropic-version"), world_.memo);
  if (!prompt) return refuse(kProvider, prompt.error(), request_id);
  Reply reply;
  reply.model = text_member(call->body, "model");
  reply.body = json::serialize(json::object{{"input_tokens", prompt->tokens}});
  return reply;
}

void AnthropicApi::add_account_headers(Reply& reply, const config::Hash128& account) {
  using config::TokenClass;
  const std::uint64_t output = reply.usage[TokenClass::output];
  // Cache reads do not count towards the input limit.
  const std::uint64_t input = reply.usage.prompt() - reply.usage[TokenClass::cache_read];
  const RateUse use = world_.rates.add(account, world_.clock.now(), input, output);
  const Options& limits = world_.options;
  const std::string reset = rfc3339(use.reset);
  const auto add = [&](std::string_view kind, std::uint64_t limit, std::uint64_t used) {
    const auto name = [kind](std::string_view what) {
      return fmt::format("anthropic-ratelimit-{}-{}", kind, what);
    };
    reply.headers.push_back({name("limit"), std::to_string(limit)});
    reply.headers.push_back({name("remaining"), std::to_string(left(limit, used))});
    reply.headers.push_back({name("reset"), reset});
  };
  add("requests", limits.requests_per_minute, use.requests);
  add("input-tokens", limits.input_tokens_per_minute, use.input_tokens);
  add("output-tokens", limits.output_tokens_per_minute, use.output_tokens);
  add("tokens", limits.input_tokens_per_minute + limits.output_tokens_per_minute,
      use.input_tokens + use.output_tokens);
  reply.headers.push_back({"anthropic-organization-id", uuid(account)});
  reply.headers.push_back({"anthropic-workspace-id", "wrkspc_01" + base62(account, 22)});
}

}  // namespace foreword::simulator
