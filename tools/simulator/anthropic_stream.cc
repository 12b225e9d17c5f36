#include "simulator/anthropic_stream.h"

#include "simulator/sse_writer.h"

namespace foreword::simulator {
namespace {

constexpr std::string_view kThinking =
    "I read the documents and look for the passage that answers this.";
constexpr std::string_view kSignature = "c2ltdWxhdGVkIHNpZ25hdHVyZQ==";

json::value or_default(const std::string& given, std::string_view otherwise) {
  return given.empty() ? json::value(otherwise) : json::value(given);
}

json::object cumulative_usage(const AnthropicMessage& message, std::uint64_t output_tokens) {
  json::object usage = {
      {"input_tokens", message.usage.input},
      {"cache_creation_input_tokens", message.usage.write_5m + message.usage.write_1h},
      {"cache_read_input_tokens", message.usage.cache_read},
      {"output_tokens", output_tokens}};
  usage["output_tokens_details"] = json::object{{"thinking_tokens", message.thinking_tokens}};
  usage["server_tool_use"] = nullptr;
  return usage;
}

json::object full_usage(const AnthropicMessage& message, std::uint64_t output_tokens) {
  json::object usage = cumulative_usage(message, output_tokens);
  usage["cache_creation"] = json::object{{"ephemeral_5m_input_tokens", message.usage.write_5m},
                                         {"ephemeral_1h_input_tokens", message.usage.write_1h}};
  usage["service_tier"] = "standard";
  usage["speed"] = or_default(message.speed, "standard");
  usage["inference_geo"] = or_default(message.inference_geo, "global");
  return usage;
}

std::string_view stop_reason(const AnthropicMessage& message) {
  return message.answer.is_cut ? "max_tokens" : "end_turn";
}

json::object envelope(const AnthropicMessage& message) {
  return {{"id", message.id},         {"type", "message"},
          {"role", "assistant"},      {"model", message.model},
          {"content", json::array()}, {"stop_reason", nullptr},
          {"stop_sequence", nullptr}, {"stop_details", nullptr},
          {"container", nullptr},     {"diagnostics", message.diagnostics}};
}

class EventList {
 public:
  void add(json::object data, std::uint64_t output_tokens) {
    const std::string name(data.at("type").as_string().c_str());
    events_.push_back({sse_event(name, data), output_tokens});
  }
  void add_delta(int index, json::object delta, std::uint64_t output_tokens) {
    add({{"type", "content_block_delta"}, {"index", index}, {"delta", std::move(delta)}},
        output_tokens);
  }
  void start_block(int index, json::object block, std::uint64_t output_tokens) {
    add({{"type", "content_block_start"}, {"index", index}, {"content_block", std::move(block)}},
        output_tokens);
  }
  void stop_block(int index, std::uint64_t output_tokens) {
    add({{"type", "content_block_stop"}, {"index", index}}, output_tokens);
  }
  std::vector<Event> take() { return std::move(events_); }

 private:
  std::vector<Event> events_;
};

void add_thinking(std::uint64_t tokens, EventList& events) {
  events.start_block(0, {{"type", "thinking"}, {"thinking", ""}, {"signature", ""}}, 1);
  events.add_delta(0, {{"type", "thinking_delta"}, {"thinking", kThinking}}, tokens);
  events.add_delta(0, {{"type", "signature_delta"}, {"signature", kSignature}}, tokens);
  events.stop_block(0, tokens);
}

}  // namespace

std::string message_body(const AnthropicMessage& message) {
  json::object body = envelope(message);
  json::array content;
  if (message.thinking_tokens > 0) {
    content.push_back(
        json::object{{"type", "thinking"}, {"thinking", kThinking}, {"signature", kSignature}});
  }
  if (message.answer.tokens() > 0) {
    content.push_back(
        json::object{{"type", "text"}, {"text", message.answer.text()}, {"citations", nullptr}});
  }
  body["content"] = std::move(content);
  body["stop_reason"] = stop_reason(message);
  body["usage"] = full_usage(message, message.output_tokens());
  return json::serialize(body);
}

std::vector<Event> message_events(const AnthropicMessage& message) {
  EventList events;
  json::object start = envelope(message);
  start["usage"] = full_usage(message, 1);
  events.add({{"type", "message_start"}, {"message", std::move(start)}}, 1);
  const int index = message.thinking_tokens > 0 ? 1 : 0;
  if (index == 1) add_thinking(message.thinking_tokens, events);

  const std::uint64_t before = message.thinking_tokens;
  events.start_block(index, {{"type", "text"}, {"text", ""}, {"citations", nullptr}}, before);
  events.add({{"type", "ping"}}, before);
  for (const auto& delta : message.answer.deltas) {
    events.add_delta(index, {{"type", "text_delta"}, {"text", delta.text}},
                     before + delta.tokens_so_far);
  }
  const std::uint64_t total = message.output_tokens();
  events.stop_block(index, total);
  events.add({{"type", "message_delta"},
              {"delta", json::object{{"stop_reason", stop_reason(message)},
                                     {"stop_sequence", nullptr},
                                     {"stop_details", nullptr},
                                     {"container", nullptr}}},
              {"usage", cumulative_usage(message, total)}},
             total);
  events.add({{"type", "message_stop"}}, total);
  return events.take();
}

}  // namespace foreword::simulator
