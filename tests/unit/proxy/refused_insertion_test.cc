// Errors as providers, and servers compatible with them, word them.
#include "proxy/refused_insertion.h"

#include <algorithm>
#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace foreword::proxy {
namespace {

using assembler::Addition;
using assembler::Additions;
using config::Operation;

std::string anthropic(const std::string& message) {
  return R"({"type":"error","error":{"type":"invalid_request_error","message":")" + message +
         R"("},"request_id":"req_1"})";
}

std::string openai(const std::string& message, const std::string& param = "null") {
  return R"({"error":{"message":")" + message + R"(","type":"invalid_request_error","param":)" +
         param + R"(,"code":null}})";
}

std::string gemini(const std::string& message) {
  return R"([{"error":{"code":400,"message":")" + message + R"(","status":"INVALID_ARGUMENT"}}])";
}

struct ErrorCase {
  std::string name;
  Operation operation;
  std::string body;
  std::optional<Addition> refused;
  std::vector<Addition> clients_own = {};
  std::vector<Addition> left_out = {};
};

std::ostream& operator<<(std::ostream& out, const ErrorCase& given) {
  return out << given.body;
}

class RefusedInsertionTest : public testing::TestWithParam<ErrorCase> {};

/// Everything was added that this operation can have, in two blocks.
RefusedRequest request_of(const ErrorCase& given) {
  RefusedRequest request;
  request.operation = given.operation;
  request.blocks = 2;
  const bool openai =
      given.operation == Operation::chat_completions || given.operation == Operation::responses;
  for (const Addition addition : assembler::kAllAdditions) {
    const bool elsewhere = addition == Addition::knowledge || addition == Addition::breakpoints;
    const bool left_out = std::ranges::count(given.left_out, addition) > 0;
    if ((openai || elsewhere) && !left_out) request.added.add(addition);
  }
  for (const Addition addition : given.clients_own) request.clients_own.add(addition);
  return request;
}

TEST_P(RefusedInsertionTest, IsFoundInTheError) {
  EXPECT_EQ(find_refused(request_of(GetParam()), GetParam().body), GetParam().refused);
}

constexpr auto kMessages = Operation::messages;
constexpr auto kChat = Operation::chat_completions;
constexpr auto kResponses = Operation::responses;
constexpr auto kGemini = Operation::generate_content;
constexpr auto kMarks = Addition::breakpoints;
constexpr auto kKb = Addition::knowledge;
constexpr auto kDeveloper = Addition::developer_role;

INSTANTIATE_TEST_SUITE_P(
    OfAnthropic, RefusedInsertionTest,
    testing::Values(
        ErrorCase{"marker", kMessages,
                  anthropic("system.0.cache_control: Extra inputs are not permitted"), kMarks},
        ErrorCase{"ttl", kMessages,
                  anthropic("system.1.cache_control.ttl: Input should be '5m' or '1h'"), kMarks},
        ErrorCase{"prompt_caching", kMessages,
                  anthropic("This model does not support prompt caching"), kMarks},
        ErrorCase{"marker_of_the_clients",
                  kMessages,
                  anthropic("system.2.cache_control: Extra inputs are not permitted"),
                  std::nullopt,
                  {kMarks}},
        ErrorCase{"marker_of_ours_beside_the_clients",
                  kMessages,
                  anthropic("system.1.cache_control: Extra inputs are not permitted"),
                  kMarks,
                  {kMarks}},
        ErrorCase{"five_markers_some_of_them_the_clients",
                  kMessages,
                  anthropic("A maximum of 4 blocks with cache_control may be provided. Found 5."),
                  std::nullopt,
                  {kMarks}},
        ErrorCase{"word_inside_another", kMessages, anthropic("throttled: no_cache_controls"),
                  std::nullopt},
        ErrorCase{"system_as_a_list", kMessages,
                  anthropic("system: Input should be a valid string"), kKb},
        ErrorCase{"block_of_ours",
                  kMessages,
                  anthropic("system.1: Input should be a valid dictionary"),
                  kKb,
                  {kKb}},
        ErrorCase{"block_of_the_clients",
                  kMessages,
                  anthropic("system.2: Input should be a valid dictionary"),
                  std::nullopt,
                  {kKb}},
        ErrorCase{"list_of_the_clients",
                  kMessages,
                  anthropic("system: Input should be a valid string"),
                  std::nullopt,
                  {kKb}},
        ErrorCase{"text_of_ours", kMessages,
                  anthropic("system.0.text: Input should be a valid string"), std::nullopt},
        ErrorCase{"too_long", kMessages,
                  anthropic("prompt is too long: 210000 tokens > 200000 maximum"), std::nullopt},
        ErrorCase{"system_too_long", kMessages,
                  anthropic("system: must be shorter, it exceeds the limit"), std::nullopt},
        ErrorCase{"role_of_the_clients", kMessages,
                  anthropic("messages: Unexpected role \\\"system\\\". The Messages API accepts a "
                            "top-level `system` parameter"),
                  std::nullopt},
        ErrorCase{"no_credit", kMessages, anthropic("Your credit balance is too low"),
                  std::nullopt}),
    [](const auto& given) { return given.param.name; });

INSTANTIATE_TEST_SUITE_P(
    OfOpenAi, RefusedInsertionTest,
    testing::Values(
        ErrorCase{"key", kChat, openai("Unknown parameter: 'prompt_cache_key'."),
                  Addition::cache_key},
        ErrorCase{"key_as_param", kResponses, openai("Unknown parameter", R"("prompt_cache_key")"),
                  Addition::cache_key},
        ErrorCase{"breakpoint", kResponses,
                  openai("Unknown parameter: 'input[0].content[0].prompt_cache_breakpoint'."),
                  kMarks},
        ErrorCase{"breakpoint_of_ours_beside_the_clients",
                  kResponses,
                  openai("Unknown parameter: 'input[0].content[0].prompt_cache_breakpoint'."),
                  kMarks,
                  {kMarks}},
        ErrorCase{"breakpoint_of_the_clients",
                  kResponses,
                  openai("Unknown parameter: 'input[1].content[0].prompt_cache_breakpoint'."),
                  std::nullopt,
                  {kMarks}},
        ErrorCase{"usage", kChat, openai("stream_options is not supported by this model"),
                  Addition::usage},
        ErrorCase{"usage_by_its_member", kChat, openai("include_usage: unknown field"),
                  Addition::usage},
        ErrorCase{"options_of_the_clients",
                  kChat,
                  openai("stream_options: unknown field"),
                  std::nullopt,
                  {Addition::usage}},
        ErrorCase{"developer", kChat,
                  openai("messages[0].role: unknown variant `developer`, expected one of `system`"),
                  kDeveloper},
        ErrorCase{"system_role",
                  kChat,
                  openai("Unsupported value: 'messages[0].role' does not support 'system' with "
                         "this model."),
                  kKb,
                  {},
                  {kDeveloper}},
        ErrorCase{"system_role_of_the_clients",
                  kChat,
                  openai("System role not supported"),
                  std::nullopt,
                  {kKb},
                  {kDeveloper}},
        ErrorCase{"too_long",
                  kChat,
                  openai("This model's maximum context length is 128000 tokens. However, your "
                         "messages resulted in 300000 tokens (system role: unexpected)"),
                  std::nullopt,
                  {},
                  {kDeveloper}},
        ErrorCase{"of_fastapi", kChat,
                  R"({"detail":[{"type":"extra_forbidden","loc":["body","prompt_cache_key"],)"
                  R"("msg":"Extra inputs are not permitted","input":"k"}]})",
                  Addition::cache_key},
        ErrorCase{"that_repeats_the_request", kChat,
                  R"({"detail":[{"type":"missing","loc":["body","model"],"msg":"Field required",)"
                  R"("input":{"a":"prompt_cache_key"}}]})",
                  std::nullopt},
        ErrorCase{"that_is_no_json", kChat, "unknown field `prompt_cache_key`",
                  Addition::cache_key},
        ErrorCase{"about_something_else", kChat, openai("you must provide a model parameter"),
                  std::nullopt},
        ErrorCase{"about_what_was_left_out",
                  kChat,
                  openai("Unknown parameter: 'prompt_cache_key'."),
                  std::nullopt,
                  {},
                  {Addition::cache_key}}),
    [](const auto& given) { return given.param.name; });

INSTANTIATE_TEST_SUITE_P(
    OfGemini, RefusedInsertionTest,
    testing::Values(
        ErrorCase{"unknown_name", kGemini,
                  gemini("Invalid JSON payload received. Unknown name \\\"systemInstruction\\\": "
                         "Cannot find field."),
                  kKb},
        ErrorCase{"not_enabled", kGemini,
                  gemini("Developer instruction is not enabled for models/gemma-3-27b-it"), kKb},
        ErrorCase{"of_the_clients",
                  kGemini,
                  gemini("Developer instruction is not enabled for models/gemma-3-27b-it"),
                  std::nullopt,
                  {kKb}},
        ErrorCase{"its_text", kGemini, gemini("The system instruction was blocked"), std::nullopt},
        ErrorCase{"too_long", kGemini, gemini("system_instruction: must be below 1048576 tokens"),
                  std::nullopt}),
    [](const auto& given) { return given.param.name; });

}  // namespace
}  // namespace foreword::proxy
