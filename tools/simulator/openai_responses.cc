#include "simulator/openai_responses.h"

#include "simulator/sse_writer.h"

namespace foreword::simulator {
namespace {

json::object usage_of(const ModelResponse& response) {
  const OpenAiUsage& usage = response.usage;
  json::object input_details = {
      {"cached_tokens", usage.cached},
      {"cache_write_tokens", usage.written()},
      {"cache_write_tokens_details",
       json::object{{"ttl_30m_tokens", usage.written_30m}, {"ttl_12h_tokens", usage.written_12h}}}};
  json::object output_details = {{"reasoning_tokens", response.reasoning_tokens}};
  return {{"input_tokens", usage.total()},
          {"input_tokens_details", std::move(input_details)},
          {"output_tokens", response.output_tokens()},
          {"output_tokens_details", std::move(output_details)},
          {"total_tokens", usage.total() + response.output_tokens()}};
}

json::object text_part(std::string_view text) {
  return {{"type", "output_text"},
          {"text", text},
          {"annotations", json::array()},
          {"logprobs", json::array()}};
}

bool is_incomplete(const ModelResponse& response) {
  return response.answer.is_cut && !response.prewarm;
}

std::string_view final_status(const ModelResponse& response) {
  return is_incomplete(response) ? "incomplete" : "completed";
}

/// The response as it is before anything was generated.
json::object started(const ModelResponse& response) {
  json::object body = {{"id", response.id},
                       {"object", "response"},
                       {"created_at", response.created_seconds},
                       {"status", "in_progress"},
                       {"background", false},
                       {"error", nullptr},
                       {"incomplete_details", nullptr},
                       {"model", response.model},
                       {"output", json::array()},
                       {"usage", nullptr}};
  for (const auto& [name, value] : response.echoed) body[name] = value;
  return body;
}

json::object finished(const ModelResponse& response) {
  json::object body = started(response);
  body["status"] = final_status(response);
  body["completed_at"] = response.created_seconds;
  if (is_incomplete(response)) {
    body["incomplete_details"] = json::object{{"reason", "max_output_tokens"}};
  }
  if (!response.prewarm) {
    json::array output;
    output.push_back(output_message(response, final_status(response)));
    body["output"] = std::move(output);
  }
  body["usage"] = usage_of(response);
  return body;
}

/// Numbers events in the order in which they are added.
class EventList {
 public:
  void add(std::string_view type, json::object fields, std::uint64_t output_tokens) {
    json::object data = {{"type", type}, {"sequence_number", events_.size()}};
    for (auto& [name, value] : fields) data[name] = std::move(value);
    events_.push_back({sse_event(type, data), output_tokens});
  }
  std::vector<Event> take() { return std::move(events_); }

 private:
  std::vector<Event> events_;
};

void add_message(const ModelResponse& response, EventList& events) {
  const std::string text = response.answer.text();
  const std::uint64_t before = response.reasoning_tokens;
  const std::uint64_t total = response.output_tokens();
  const auto in_part = [&](json::object fields) {
    json::object all = {
        {"item_id", response.message_id}, {"output_index", 0}, {"content_index", 0}};
    for (auto& [name, value] : fields) all[name] = std::move(value);
    return all;
  };
  json::object opened = output_message(response, "in_progress");
  opened["content"] = json::array();
  events.add("response.output_item.added", {{"output_index", 0}, {"item", std::move(opened)}},
             before);
  events.add("response.content_part.added", in_part({{"part", text_part("")}}), before);
  for (const auto& delta : response.answer.deltas) {
    events.add("response.output_text.delta",
               in_part({{"delta", delta.text}, {"logprobs", json::array()}}),
               before + delta.tokens_so_far);
  }
  events.add("response.output_text.done", in_part({{"text", text}, {"logprobs", json::array()}}),
             total);
  events.add("response.content_part.done", in_part({{"part", text_part(text)}}), total);
  events.add("response.output_item.done",
             {{"output_index", 0}, {"item", output_message(response, final_status(response))}},
             total);
}

}  // namespace

json::object echo_request(const json::value& body, bool new_regime) {
  const auto given_or = [&](std::string_view name, json::value otherwise) {
    const json::value* given = member(body, name);
    // A copy with its own memory: the body's arena is not for sharing between threads.
    return given == nullptr ? otherwise : json::value(*given, json::storage_ptr());
  };
  json::object echoed;
  echoed["instructions"] = given_or("instructions", nullptr);
  echoed["max_output_tokens"] = given_or("max_output_tokens", nullptr);
  echoed["metadata"] = given_or("metadata", json::object());
  echoed["parallel_tool_calls"] = given_or("parallel_tool_calls", true);
  echoed["previous_response_id"] = given_or("previous_response_id", nullptr);
  echoed["prompt_cache_key"] = given_or("prompt_cache_key", nullptr);
  echoed["reasoning"] =
      given_or("reasoning", json::object{{"effort", nullptr}, {"summary", nullptr}});
  echoed["service_tier"] = "default";
  echoed["store"] = given_or("store", true);
  echoed["temperature"] = given_or("temperature", 1.0);
  echoed["text"] = given_or("text", json::object{{"format", json::object{{"type", "text"}}}});
  echoed["tool_choice"] = given_or("tool_choice", "auto");
  echoed["tools"] = given_or("tools", json::array());
  echoed["top_p"] = given_or("top_p", 1.0);
  echoed["truncation"] = given_or("truncation", "disabled");
  if (!new_regime) {
    echoed["prompt_cache_retention"] = given_or("prompt_cache_retention", nullptr);
    return echoed;
  }
  const json::value* given = member(body, "prompt_cache_options");
  const std::string_view mode = given == nullptr ? "" : text_member(*given, "mode");
  const std::string_view ttl = given == nullptr ? "" : text_member(*given, "ttl");
  json::object options = {{"mode", mode.empty() ? "implicit" : mode},
                          {"ttl", ttl.empty() ? "30m" : ttl}};
  if (given != nullptr && !text_member(*given, "comparison_response_id").empty()) {
    // Responses are not compared here, and the API has a word for that.
    options["comparison_response_id"] = text_member(*given, "comparison_response_id");
    echoed["prompt_cache_diagnostics"] = json::object{{"type", "unavailable"}};
  }
  echoed["prompt_cache_options"] = std::move(options);
  return echoed;
}

std::string response_body(const ModelResponse& response) {
  return json::serialize(finished(response));
}

std::vector<Event> response_events(const ModelResponse& response) {
  EventList events;
  events.add("response.created", {{"response", started(response)}}, 0);
  events.add("response.in_progress", {{"response", started(response)}}, 0);
  if (!response.prewarm) add_message(response, events);
  events.add(is_incomplete(response) ? "response.incomplete" : "response.completed",
             {{"response", finished(response)}}, response.output_tokens());
  return events.take();
}

json::object output_message(const ModelResponse& response, std::string_view status) {
  json::array content;
  content.push_back(text_part(response.answer.text()));
  return {{"id", response.message_id},
          {"type", "message"},
          {"status", status},
          {"role", "assistant"},
          {"content", std::move(content)}};
}

}  // namespace foreword::simulator
