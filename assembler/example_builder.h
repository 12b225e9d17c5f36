// What the readers of training examples share. Private to assembler/: only example*.cc and
// training_line.cc include it.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "assembler/example.h"

namespace foreword::assembler {

/// Not "json": that is a part of this folder (json_blocks.h).
namespace bjson = boost::json;

/// Nothing: it is no JSON, or nests deeper than limits::kMaxExampleDepth.
[[nodiscard]] std::optional<bjson::value> parse_json(std::string_view text);
/// Compact, and numbers as people write them: Boost.JSON writes 0.7 as 7E-1, which nobody should
/// learn from.
[[nodiscard]] std::string json_text(const bjson::value& value);

/// nullptr: `value` is no object, or has no such member, or null there.
[[nodiscard]] const bjson::value* member(const bjson::value& value, std::string_view name);
/// Gemini spells its members in two ways.
[[nodiscard]] const bjson::value* member(const bjson::value& value, std::string_view name,
                                         std::string_view other);
/// Empty: there is no such string.
[[nodiscard]] std::string_view text_member(const bjson::value& value, std::string_view name);
/// nullptr: there is no such list, or it is empty.
[[nodiscard]] const bjson::array* list_member(const bjson::value& value, std::string_view name);
/// nullptr: `value` is no string.
[[nodiscard]] std::optional<std::string_view> as_text(const bjson::value& value);

/// Calls `visit` with the data of each event that is JSON. False: one is not.
[[nodiscard]] bool for_each_event(std::string_view stream,
                                  const std::function<void(const bjson::value&)>& visit);

/// Turns, one behind the other; the first problem counts.
class ExampleBuilder {
 public:
  void fail(Unusable why) {
    if (!problem_) problem_ = why;
  }
  [[nodiscard]] const std::optional<Unusable>& problem() const { return problem_; }

  /// What comes next belongs to another turn, even if its role is the same.
  void new_turn() { fresh_ = true; }
  /// Pieces of an assistant's turn stand side by side, others a blank line apart.
  void add_text(Role role, std::string_view text);
  void add_call(ToolCall call);
  void add_result(std::string_view call_id, std::string text);
  /// A function with a name, a description and a schema of its parameters.
  void add_tool(bjson::object function);

  [[nodiscard]] const std::vector<Turn>& turns() const { return turns_; }
  [[nodiscard]] std::vector<Turn> take_turns() { return std::move(turns_); }
  [[nodiscard]] std::string tools() const;

 private:
  Turn& turn_of(Role role);

  std::vector<Turn> turns_;
  bjson::array tools_;
  bool fresh_ = true;
  std::optional<Unusable> problem_;
};

/// What a role says in a string, or in parts, of which those of these types are text: so in both of
/// OpenAI's APIs. nullptr: nothing.
[[nodiscard]] std::string text_of_parts(const bjson::value* content, Role role,
                                        std::span<const std::string_view> text_types,
                                        ExampleBuilder& builder);

/// {"name", "description", "parameters"}, as far as they are there.
[[nodiscard]] bjson::object function_of(const bjson::value& tool, std::string_view parameters);

/// A provider's way of saying things.
struct ExampleReader {
  void (*read_prompt)(const bjson::value& body, ExampleBuilder& prompt);
  /// The body of an answer that did not stream, or what a stream would have been without streaming;
  /// nothing: it cannot be made out.
  std::optional<bjson::value> (*join_events)(std::string_view stream);
  void (*read_answer)(const bjson::value& body, ExampleBuilder& answer);
};
[[nodiscard]] ExampleReader anthropic_reader();
[[nodiscard]] ExampleReader chat_reader();
[[nodiscard]] ExampleReader responses_reader();
[[nodiscard]] ExampleReader gemini_reader();

}  // namespace foreword::assembler
