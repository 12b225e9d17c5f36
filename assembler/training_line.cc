#include "assembler/training_line.h"

#include <array>
#include <utility>

#include "assembler/example_builder.h"
#include "config/name_table.h"

namespace foreword::assembler {
namespace {

constexpr std::array kFormats{
    config::Named<TrainingFormat>{TrainingFormat::openai, "openai"},
    config::Named<TrainingFormat>{TrainingFormat::sharegpt, "sharegpt"},
    config::Named<TrainingFormat>{TrainingFormat::bedrock, "bedrock"},
};

/// The answer among them, joined to what it goes on with.
std::vector<Turn> all_turns(const Example& example) {
  auto turns = example.prompt;
  if (turns.back().role != Role::assistant) {
    turns.push_back(example.answer);
    return turns;
  }
  auto& last = turns.back();
  last.text += example.answer.text;
  last.calls.insert(last.calls.end(), example.answer.calls.begin(), example.answer.calls.end());
  return turns;
}

std::string_view openai_role(Role role) {
  switch (role) {
    case Role::system:
      return "system";
    case Role::user:
      return "user";
    case Role::assistant:
      return "assistant";
    case Role::tool:
      return "tool";
  }
  return "user";
}

bjson::object openai_message(const Turn& turn) {
  bjson::object message{{"role", openai_role(turn.role)}};
  if (!turn.text.empty() || turn.calls.empty()) message["content"] = turn.text;
  if (turn.role == Role::tool) message["tool_call_id"] = turn.call_id;
  if (turn.calls.empty()) return message;
  bjson::array calls;
  for (const auto& call : turn.calls) {
    bjson::object function{{"name", call.name}, {"arguments", call.arguments}};
    calls.push_back(
        bjson::object{{"id", call.id}, {"type", "function"}, {"function", std::move(function)}});
  }
  message["tool_calls"] = std::move(calls);
  return message;
}

std::string openai_line(const Example& example) {
  bjson::array messages;
  for (const auto& turn : all_turns(example)) messages.push_back(openai_message(turn));
  auto line = json_text(bjson::object{{"messages", std::move(messages)}});
  // They are JSON already, with numbers as they are to be written.
  if (!example.tools.empty()) line.insert(line.size() - 1, ",\"tools\":" + example.tools);
  return line;
}

/// Text whose turns take turns: first the user's, last the assistant's.
struct Dialogue {
  std::string system;
  std::vector<Turn> turns;
};

ExampleResult<Dialogue> dialogue_of(const Example& example) {
  Dialogue dialogue;
  for (auto& turn : all_turns(example)) {
    if (turn.role == Role::tool || !turn.calls.empty()) return Unusable::no_place;
    const bool instructions = turn.role == Role::system;
    if (instructions && !dialogue.turns.empty()) return Unusable::no_place;
    const bool same = !dialogue.turns.empty() && dialogue.turns.back().role == turn.role;
    if (!instructions && !same) {
      dialogue.turns.push_back(std::move(turn));
      continue;
    }
    auto& text = instructions ? dialogue.system : dialogue.turns.back().text;
    if (!text.empty()) text += "\n\n";
    text += turn.text;
  }
  if (dialogue.turns.front().role != Role::user) return Unusable::no_place;
  return dialogue;
}

std::string sharegpt_line(const Dialogue& dialogue) {
  bjson::object line;
  if (!dialogue.system.empty()) line["system"] = dialogue.system;
  bjson::array conversations;
  for (const auto& turn : dialogue.turns) {
    const auto* from = turn.role == Role::user ? "human" : "gpt";
    conversations.push_back(bjson::object{{"from", from}, {"value", turn.text}});
  }
  line["conversations"] = std::move(conversations);
  return json_text(line);
}

std::string bedrock_line(const Dialogue& dialogue) {
  bjson::object line;
  if (!dialogue.system.empty()) line["system"] = dialogue.system;
  bjson::array messages;
  for (const auto& turn : dialogue.turns) {
    messages.push_back(bjson::object{{"role", openai_role(turn.role)}, {"content", turn.text}});
  }
  line["messages"] = std::move(messages);
  return json_text(line);
}

}  // namespace

std::string_view name_of(TrainingFormat format) {
  return config::name_in(kFormats, format);
}

std::optional<TrainingFormat> parse_training_format(std::string_view name) {
  return config::value_in(kFormats, name);
}

ExampleResult<std::string> training_line(const Example& example, TrainingFormat format) {
  if (example.prompt.empty()) return Unusable::not_understood;
  if (format == TrainingFormat::openai) return openai_line(example);
  const auto dialogue = dialogue_of(example);
  if (!dialogue) return dialogue.error();
  return format == TrainingFormat::sharegpt ? sharegpt_line(*dialogue) : bedrock_line(*dialogue);
}

}  // namespace foreword::assembler
