// OpenAI: POST /v1/chat/completions, and what is compatible.
#include <array>
#include <map>
#include <utility>

#include "assembler/example_builder.h"

namespace foreword::assembler {
namespace {

constexpr std::array<std::string_view, 1> kChatTextTypes{"text"};

std::optional<Role> role_of(std::string_view name) {
  if (name == "system" || name == "developer") return Role::system;
  if (name == "user") return Role::user;
  if (name == "assistant") return Role::assistant;
  if (name == "tool") return Role::tool;
  return std::nullopt;
}

void read_calls(const bjson::value& message, ExampleBuilder& builder) {
  if (member(message, "function_call") != nullptr) builder.fail(Unusable::not_understood);
  const auto* calls = list_member(message, "tool_calls");
  if (calls == nullptr) return;
  for (const auto& call : *calls) {
    const auto* function = member(call, "function");
    if (function == nullptr) return builder.fail(Unusable::not_understood);
    builder.add_call({std::string(text_member(call, "id")),
                      std::string(text_member(*function, "name")),
                      std::string(text_member(*function, "arguments"))});
  }
}

void read_message(const bjson::value& message, ExampleBuilder& builder) {
  const auto role = role_of(text_member(message, "role"));
  if (!role) return builder.fail(Unusable::not_understood);
  builder.new_turn();
  auto text = text_of_parts(member(message, "content"), *role, kChatTextTypes, builder);
  if (*role == Role::tool) {
    return builder.add_result(text_member(message, "tool_call_id"), std::move(text));
  }
  builder.add_text(*role, text);
  if (*role == Role::assistant) read_calls(message, builder);
}

void read_prompt(const bjson::value& body, ExampleBuilder& prompt) {
  const auto* messages = list_member(body, "messages");
  if (messages == nullptr) return prompt.fail(Unusable::not_understood);
  for (const auto& message : *messages) read_message(message, prompt);
  if (const auto* tools = list_member(body, "tools")) {
    for (const auto& tool : *tools) {
      const auto* function = member(tool, "function");
      if (function != nullptr) prompt.add_tool(function_of(*function, "parameters"));
    }
  }
}

/// The first choice's pieces, put together.
struct JoinedMessage {
  std::string content;
  std::string refusal;
  std::string finish_reason;
  struct Call {
    std::string id;
    std::string name;
    std::string arguments;
  };
  std::map<std::int64_t, Call> calls;  // by their index

  void add(const bjson::value& delta) {
    content += text_member(delta, "content");
    refusal += text_member(delta, "refusal");
    const auto* pieces = list_member(delta, "tool_calls");
    if (pieces == nullptr) return;
    for (const auto& piece : *pieces) {
      const auto* number = member(piece, "index");
      auto& call = calls[number != nullptr && number->is_int64() ? number->get_int64() : 0];
      call.id += text_member(piece, "id");
      const auto* function = member(piece, "function");
      if (function == nullptr) continue;
      call.name += text_member(*function, "name");
      call.arguments += text_member(*function, "arguments");
    }
  }

  [[nodiscard]] bjson::value body() const {
    bjson::array list;
    for (const auto& [index, call] : calls) {
      list.push_back(bjson::object{
          {"id", call.id}, {"function", {{"name", call.name}, {"arguments", call.arguments}}}});
    }
    bjson::object message{{"role", "assistant"}, {"content", content}, {"tool_calls", list}};
    if (!refusal.empty()) message["refusal"] = refusal;
    bjson::object choice{{"message", std::move(message)}, {"finish_reason", finish_reason}};
    return bjson::object{{"choices", bjson::array{std::move(choice)}}};
  }
};

bool is_first(const bjson::value& choice) {
  const auto* index = member(choice, "index");
  return index == nullptr || (index->is_int64() && index->get_int64() == 0);
}

std::optional<bjson::value> join_events(std::string_view stream) {
  JoinedMessage joined;
  const bool whole = for_each_event(stream, [&](const bjson::value& event) {
    const auto* choices = list_member(event, "choices");
    if (choices == nullptr) return;
    for (const auto& choice : *choices) {
      if (!is_first(choice)) continue;
      if (const auto* delta = member(choice, "delta")) joined.add(*delta);
      const auto reason = text_member(choice, "finish_reason");
      if (!reason.empty()) joined.finish_reason = reason;
    }
  });
  if (!whole) return std::nullopt;
  return joined.body();
}

void read_answer(const bjson::value& body, ExampleBuilder& answer) {
  const auto* choices = list_member(body, "choices");
  const auto* message = choices != nullptr ? member(choices->front(), "message") : nullptr;
  if (message == nullptr) return answer.fail(Unusable::not_understood);
  const auto reason = text_member(choices->front(), "finish_reason");
  if (reason == "content_filter" || member(*message, "refusal") != nullptr) {
    return answer.fail(Unusable::refused);
  }
  if (reason != "stop" && reason != "tool_calls") return answer.fail(Unusable::cut_short);
  read_message(*message, answer);
}

}  // namespace

ExampleReader chat_reader() {
  return {read_prompt, join_events, read_answer};
}

}  // namespace foreword::assembler
