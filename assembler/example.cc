#include "assembler/example.h"

#include <array>
#include <stdexcept>
#include <utility>

#include "assembler/example_builder.h"
#include "config/name_table.h"

namespace foreword::assembler {
namespace {

using config::Named;
using config::Operation;

constexpr std::array kUnusable{
    Unusable::not_understood, Unusable::media,   Unusable::provider_tools, Unusable::kept_elsewhere,
    Unusable::cut_short,      Unusable::refused, Unusable::no_answer,      Unusable::no_place,
};
constexpr std::array kNames{
    Named<Unusable>{Unusable::not_understood, "not_understood"},
    Named<Unusable>{Unusable::media, "media"},
    Named<Unusable>{Unusable::provider_tools, "provider_tools"},
    Named<Unusable>{Unusable::kept_elsewhere, "kept_elsewhere"},
    Named<Unusable>{Unusable::cut_short, "cut_short"},
    Named<Unusable>{Unusable::refused, "refused"},
    Named<Unusable>{Unusable::no_answer, "no_answer"},
    Named<Unusable>{Unusable::no_place, "no_place"},
};

std::optional<ExampleReader> reader_of(Operation operation) {
  switch (operation) {
    case Operation::messages:
      return anthropic_reader();
    case Operation::chat_completions:
      return chat_reader();
    case Operation::responses:
      return responses_reader();
    case Operation::generate_content:
      return gemini_reader();
    case Operation::other:
      break;
  }
  return std::nullopt;
}

/// Each part with its length in front: no two prompts run into one.
void append(std::string_view part, std::string& text) {
  text += std::to_string(part.size());
  text += ':';
  text += part;
}

}  // namespace

std::string_view name_of(Unusable why) {
  return config::name_in(kNames, why);
}

std::span<const Unusable> all_unusable() {
  return kUnusable;
}

void throw_exception_from_error(Unusable why, const boost::source_location&) {
  throw std::runtime_error("no example: " + std::string(name_of(why)));
}

ExampleResult<Example> read_example(const ExampleSource& source) {
  const auto reader = reader_of(source.operation);
  if (!reader) return Unusable::not_understood;
  const auto body = parse_json(source.prompt);
  if (!body || !body->is_object()) return Unusable::not_understood;
  ExampleBuilder prompt;
  reader->read_prompt(*body, prompt);
  if (prompt.problem()) return *prompt.problem();
  if (prompt.turns().empty()) return Unusable::not_understood;

  const auto answered =
      source.events ? reader->join_events(source.answer) : parse_json(source.answer);
  if (!answered) return Unusable::not_understood;
  ExampleBuilder answer;
  reader->read_answer(*answered, answer);
  if (answer.problem()) return *answer.problem();
  if (answer.turns().empty()) return Unusable::no_answer;
  auto turns = answer.take_turns();
  if (turns.size() != 1 || turns.front().role != Role::assistant) return Unusable::not_understood;
  return Example{prompt.take_turns(), std::move(turns.front()), prompt.tools()};
}

std::string prompt_text(const Example& example) {
  std::string text;
  append(example.tools, text);
  for (const auto& turn : example.prompt) {
    text += static_cast<char>('0' + static_cast<int>(turn.role));
    append(turn.text, text);
    append(turn.call_id, text);
    for (const auto& call : turn.calls) {
      append(call.id, text);
      append(call.name, text);
      append(call.arguments, text);
    }
  }
  return text;
}

}  // namespace foreword::assembler
