// OpenAI: POST /v1/responses.
#include <array>
#include <utility>

#include "assembler/example_builder.h"

namespace foreword::assembler {
namespace {

constexpr std::array<std::string_view, 2> kResponsesTextTypes{"input_text", "output_text"};

std::optional<Role> role_of(std::string_view name) {
  if (name == "system" || name == "developer") return Role::system;
  if (name == "user") return Role::user;
  if (name == "assistant") return Role::assistant;
  return std::nullopt;
}

void read_message(const bjson::value& item, ExampleBuilder& builder) {
  const auto role = role_of(text_member(item, "role"));
  if (!role) return builder.fail(Unusable::not_understood);
  // What the assistant says and calls in one go is several items.
  if (*role != Role::assistant) builder.new_turn();
  builder.add_text(*role,
                   text_of_parts(member(item, "content"), *role, kResponsesTextTypes, builder));
}

void read_item(const bjson::value& item, ExampleBuilder& builder) {
  const auto type = text_member(item, "type");
  if (type == "reasoning") return;
  if (type == "message" || type.empty()) return read_message(item, builder);
  if (type == "function_call") {
    return builder.add_call({std::string(text_member(item, "call_id")),
                             std::string(text_member(item, "name")),
                             std::string(text_member(item, "arguments"))});
  }
  if (type == "function_call_output") {
    auto text = text_of_parts(member(item, "output"), Role::tool, kResponsesTextTypes, builder);
    return builder.add_result(text_member(item, "call_id"), std::move(text));
  }
  const bool elsewhere = type == "item_reference" || type == "compaction";
  builder.fail(elsewhere ? Unusable::kept_elsewhere : Unusable::provider_tools);
}

void read_prompt(const bjson::value& body, ExampleBuilder& prompt) {
  for (const auto* name : {"previous_response_id", "conversation", "prompt"}) {
    if (member(body, name) != nullptr) return prompt.fail(Unusable::kept_elsewhere);
  }
  prompt.add_text(Role::system, text_member(body, "instructions"));
  const auto* input = member(body, "input");
  if (input == nullptr) return prompt.fail(Unusable::not_understood);
  prompt.new_turn();
  if (const auto text = as_text(*input)) {
    prompt.add_text(Role::user, *text);
  } else if (const auto* items = input->if_array()) {
    for (const auto& item : *items) read_item(item, prompt);
  } else {
    prompt.fail(Unusable::not_understood);
  }
  if (const auto* tools = list_member(body, "tools")) {
    for (const auto& tool : *tools) {
      if (text_member(tool, "type") == "function") {
        prompt.add_tool(function_of(tool, "parameters"));
      }
    }
  }
}

/// The event that ends a stream repeats all of the answer.
std::optional<bjson::value> join_events(std::string_view stream) {
  std::optional<bjson::value> last;
  const bool whole = for_each_event(stream, [&](const bjson::value& event) {
    const auto type = text_member(event, "type");
    const auto* response = member(event, "response");
    const bool ends = type == "response.completed" || type == "response.incomplete";
    if (ends && response != nullptr) last = *response;
  });
  return whole ? last : std::nullopt;
}

void read_answer(const bjson::value& body, ExampleBuilder& answer) {
  if (const auto* why = member(body, "incomplete_details")) {
    const bool filter = text_member(*why, "reason") == "content_filter";
    return answer.fail(filter ? Unusable::refused : Unusable::cut_short);
  }
  if (text_member(body, "status") != "completed") return answer.fail(Unusable::cut_short);
  const auto* output = list_member(body, "output");
  if (output == nullptr) return;
  for (const auto& item : *output) read_item(item, answer);
}

}  // namespace

ExampleReader responses_reader() {
  return {read_prompt, join_events, read_answer};
}

}  // namespace foreword::assembler
