// Training examples as lines of JSON, in the forms that the usual tools read.
//
// Pure functions, thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "assembler/example.h"

namespace foreword::assembler {

enum class TrainingFormat : std::uint8_t {
  openai,  // {"messages": [...], "tools": [...]}: OpenAI, Azure, Together, Fireworks, Axolotl, TRL
  sharegpt,  // {"conversations": [{"from": "human", "value": ...}]}: LLaMA-Factory, Axolotl,
             // Unsloth
  bedrock,   // {"system": ..., "messages": [...]}: Claude on Amazon Bedrock
};
[[nodiscard]] std::string_view name_of(TrainingFormat format);
[[nodiscard]] std::optional<TrainingFormat> parse_training_format(std::string_view name);

/// One line without its end. sharegpt and bedrock have text only, whose turns take turns: an
/// example with calls of functions, or with instructions behind the first question, has no place
/// there.
[[nodiscard]] ExampleResult<std::string> training_line(const Example& example,
                                                       TrainingFormat format);

}  // namespace foreword::assembler
