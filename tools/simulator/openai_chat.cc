#include "simulator/openai_chat.h"

#include "simulator/json.h"
#include "simulator/sse_writer.h"

namespace foreword::simulator {
namespace {

json::object usage_of(const ChatCompletion& completion) {
  const std::uint64_t prompt = completion.usage.total();
  const std::uint64_t output = completion.output_tokens();
  json::object prompt_details = {{"cached_tokens", completion.usage.cached}, {"audio_tokens", 0}};
  if (completion.reports_writes) {
    prompt_details["cache_write_tokens"] = completion.usage.written();
  }
  json::object output_details = {{"reasoning_tokens", completion.reasoning_tokens},
                                 {"audio_tokens", 0},
                                 {"accepted_prediction_tokens", 0},
                                 {"rejected_prediction_tokens", 0}};
  return {{"prompt_tokens", prompt},
          {"completion_tokens", output},
          {"total_tokens", prompt + output},
          {"prompt_tokens_details", std::move(prompt_details)},
          {"completion_tokens_details", std::move(output_details)}};
}

const char* finish_reason(const ChatCompletion& completion) {
  return completion.answer.is_cut ? "length" : "stop";
}

json::object envelope(const ChatCompletion& completion, std::string_view object) {
  return {{"id", completion.id},
          {"object", object},
          {"created", completion.created_seconds},
          {"model", completion.model},
          {"service_tier", completion.service_tier},
          {"system_fingerprint", "fp_simulated"}};
}

std::string chunk(const ChatCompletion& completion, json::array choices, json::value usage,
                  bool include_usage) {
  json::object data = envelope(completion, "chat.completion.chunk");
  data["choices"] = std::move(choices);
  if (include_usage) data["usage"] = std::move(usage);
  return sse_data(data);
}

json::array one_choice(json::object delta, json::value reason) {
  json::array choices;
  choices.push_back(json::object{{"index", 0},
                                 {"delta", std::move(delta)},
                                 {"logprobs", nullptr},
                                 {"finish_reason", std::move(reason)}});
  return choices;
}

}  // namespace

std::string chat_body(const ChatCompletion& completion) {
  json::object message = {{"role", "assistant"},
                          {"content", completion.answer.text()},
                          {"refusal", nullptr},
                          {"annotations", json::array()}};
  json::array choices;
  choices.push_back(json::object{{"index", 0},
                                 {"message", std::move(message)},
                                 {"logprobs", nullptr},
                                 {"finish_reason", finish_reason(completion)}});
  json::object body = envelope(completion, "chat.completion");
  body["choices"] = std::move(choices);
  body["usage"] = usage_of(completion);
  return json::serialize(body);
}

std::vector<Event> chat_events(const ChatCompletion& completion, bool include_usage) {
  std::vector<Event> events;
  const auto add = [&](json::object delta, json::value reason, std::uint64_t output_tokens) {
    json::array choices = one_choice(std::move(delta), std::move(reason));
    events.push_back(
        {chunk(completion, std::move(choices), nullptr, include_usage), output_tokens});
  };
  const std::uint64_t before = completion.reasoning_tokens;
  add({{"role", "assistant"}, {"content", ""}, {"refusal", nullptr}}, nullptr, before);
  for (const auto& delta : completion.answer.deltas) {
    add({{"content", delta.text}}, nullptr, before + delta.tokens_so_far);
  }
  const std::uint64_t total = completion.output_tokens();
  add({}, finish_reason(completion), total);
  if (include_usage) {
    events.push_back({chunk(completion, json::array(), usage_of(completion), true), total});
  }
  events.push_back({"data: [DONE]\n\n", total});
  return events;
}

}  // namespace foreword::simulator
