// What a model was asked and what it answered, read for training out of the bytes that went over
// the wire.
//
// Values and pure functions, thread-safe. Prompts and answers are outside bytes: whatever they are,
// the result is an example or a reason why there is none. Not for a request's way: this builds
// trees.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/system/result.hpp>

#include "config/provider.h"

namespace foreword::assembler {

enum class Role : std::uint8_t { system, user, assistant, tool };

struct ToolCall {
  std::string id;
  std::string name;
  std::string arguments;  // a JSON object
  bool operator==(const ToolCall&) const = default;
};

struct Turn {
  Role role{};
  std::string text;
  std::vector<ToolCall> calls = {};  // the assistant's
  std::string call_id = {};          // a tool's: which call it answers
  bool operator==(const Turn&) const = default;
};

struct Example {
  std::vector<Turn> prompt;
  /// The assistant's. It goes on with the prompt's last turn where that is the assistant's too.
  Turn answer;
  /// A JSON array of functions in the form of OpenAI's Chat Completions; empty: none.
  std::string tools;
  bool operator==(const Example&) const = default;
};

/// Why a prompt and its answer make no example.
enum class Unusable : std::uint8_t {
  not_understood,  // no body of that operation
  media,           // images, documents, sound
  provider_tools,  // a search, say, which the provider itself ran
  kept_elsewhere,  // part of the prompt is at the provider: previous_response_id, cachedContent
  cut_short,       // max_tokens, or the end did not come
  refused,         // by the model or by a filter
  no_answer,       // empty
  no_place,        // the format that is asked for has no place for what is in it
};
[[nodiscard]] std::string_view name_of(Unusable why);
[[nodiscard]] std::span<const Unusable> all_unusable();

/// Called by ExampleResult<T>::value(): only tests let it throw.
[[noreturn]] void throw_exception_from_error(Unusable why, const boost::source_location& where);

template <class T>
using ExampleResult = boost::system::result<T, Unusable>;

struct ExampleSource {
  config::Operation operation{};
  std::string_view prompt;  // the request's body
  std::string_view answer;  // the response's body, its coding undone
  bool events = false;      // the answer is a stream of server-sent events
};

/// Text and calls of functions. What a model thought, cache markers and sampling parameters stay
/// out. Of several choices the first is taken.
[[nodiscard]] ExampleResult<Example> read_example(const ExampleSource& source);

/// The same for prompts that say the same, however their bytes were written.
[[nodiscard]] std::string prompt_text(const Example& example);

}  // namespace foreword::assembler
