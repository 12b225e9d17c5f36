// Prompts and answers that are kept for training are outside bytes: whatever they are, they make an
// example or a reason, every line of an example is one line of JSON, and the same prompt is the
// same whatever was answered.
//
// An input is a line of two characters, then a prompt, a NUL and an answer. The first character
// names the operation (m, c, r, g), the second whether the answer streamed (s).
#include <string>
#include <string_view>

#include <boost/json.hpp>

#include "assembler/example.h"
#include "assembler/training_line.h"
#include "fuzz/operation.h"
#include "fuzz/require.h"

namespace {

using namespace foreword;
using namespace foreword::assembler;

bool is_json(std::string_view text) {
  boost::json::parse_options options;
  options.max_depth = 256;
  options.allow_invalid_utf8 = true;
  boost::system::error_code failed;
  boost::json::parse({text.data(), text.size()}, failed, {}, options);
  return !failed;
}

void check_lines(const Example& example) {
  for (const auto format :
       {TrainingFormat::openai, TrainingFormat::sharegpt, TrainingFormat::bedrock}) {
    const auto line = training_line(example, format);
    if (!line) continue;
    FUZZ_REQUIRE(line->find('\n') == std::string::npos);
    FUZZ_REQUIRE(is_json(*line));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (size < 3) return 0;
  const auto bodies = input.substr(3);
  const auto end = std::min(bodies.find('\0'), bodies.size());
  ExampleSource source;
  source.operation = operation_of(input[0]);
  source.events = input[1] == 's';
  source.prompt = bodies.substr(0, end);
  source.answer = bodies.substr(std::min(end + 1, bodies.size()));
  const auto example = read_example(source);
  if (!example) {
    FUZZ_REQUIRE(name_of(example.error()) != "unknown");
    return 0;
  }
  check_lines(*example);
  auto other = *example;
  other.answer.text += "!";
  FUZZ_REQUIRE(prompt_text(other) == prompt_text(*example));
  return 0;
}
