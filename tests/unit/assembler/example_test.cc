// Prompts and answers of every API become the same example, or say why they become none.
#include "assembler/example.h"

#include <gtest/gtest.h>

namespace foreword::assembler {

// What a failed comparison prints.
void PrintTo(const Turn& turn, std::ostream* out) {
  *out << static_cast<int>(turn.role) << " '" << turn.text << "'";
  for (const auto& call : turn.calls) {
    *out << " call " << call.id << " " << call.name << call.arguments;
  }
  if (!turn.call_id.empty()) *out << " of " << turn.call_id;
}

namespace {

using config::Operation;

ExampleResult<Example> read(Operation operation, std::string_view prompt, std::string_view answer,
                            bool events = false) {
  return read_example({operation, prompt, answer, events});
}
/// As server-sent events with nothing but data.
std::string stream_of(const std::vector<std::string>& events) {
  std::string stream;
  for (const auto& event : events) stream += "data: " + event + "\n\n";
  return stream;
}

Turn says(Role role, std::string text) {
  return {role, std::move(text), {}, {}};
}
Turn calls(std::string id, std::string name, std::string arguments, std::string text = "") {
  return {Role::assistant,
          std::move(text),
          {{std::move(id), std::move(name), std::move(arguments)}},
          {}};
}
Turn result(std::string id, std::string text) {
  return {Role::tool, std::move(text), {}, std::move(id)};
}

/// The same question and answer in the words of each API.
struct Api {
  Operation operation;
  std::string_view prompt;
  std::string_view answer;
  std::string stream;
};

const std::vector<Api>& apis() {
  static const std::vector<Api> kApis = {
      {Operation::messages,
       R"({"model":"m","max_tokens":9,"system":[{"type":"text","text":"Be brief.",)"
       R"("cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user","content":"Why?"}]})",
       R"({"type":"message","content":[{"type":"thinking","thinking":"hm"},)"
       R"({"type":"text","text":"Be"},{"type":"text","text":"cause."}],"stop_reason":"end_turn"})",
       stream_of(
           {R"({"type":"message_start","message":{"content":[],"stop_reason":null}})",
            R"({"type":"content_block_start","index":0,"content_block":{"type":"thinking",)"
            R"("thinking":""}})",
            R"({"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta",)"
            R"("thinking":"hm"}})",
            R"({"type":"content_block_stop","index":0})",
            R"({"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}})",
            R"({"type":"ping"})",
            R"({"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":)"
            R"("Beca"}})",
            R"({"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":)"
            R"("use."}})",
            R"({"type":"content_block_stop","index":1})",
            R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":)"
            R"({"output_tokens":3}})",
            R"({"type":"message_stop"})"})},
      {Operation::chat_completions,
       R"({"model":"m","messages":[{"role":"developer","content":"Be brief."},)"
       R"({"role":"user","content":[{"type":"text","text":"Why?"}]}]})",
       R"({"choices":[{"index":0,"message":{"role":"assistant","content":"Because.",)"
       R"("refusal":null},"finish_reason":"stop"},{"index":1,"message":{"content":"Other."}}]})",
       stream_of({R"({"choices":[{"index":0,"delta":{"role":"assistant","content":""},)"
                  R"("finish_reason":null}]})",
                  R"({"choices":[{"index":0,"delta":{"content":"Beca"}}]})",
                  R"({"choices":[{"index":1,"delta":{"content":"Other."}}]})",
                  R"({"choices":[{"index":0,"delta":{"content":"use."}}]})",
                  R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})",
                  R"({"choices":[],"usage":{"prompt_tokens":1}})", "[DONE]"})},
      {Operation::responses, R"({"model":"m","instructions":"Be brief.","input":"Why?"})",
       R"({"status":"completed","incomplete_details":null,"output":[{"type":"reasoning",)"
       R"("summary":[]},{"type":"message","role":"assistant",)"
       R"("content":[{"type":"output_text","text":"Because."}]}]})",
       stream_of(
           {R"({"type":"response.created","response":{"status":"in_progress","output":[]}})",
            R"({"type":"response.output_text.delta","delta":"Because."})",
            R"({"type":"response.completed","response":{"status":"completed","output":)"
            R"([{"type":"message",)"
            R"("role":"assistant","content":[{"type":"output_text","text":"Because."}]}]}})"})},
      {Operation::generate_content,
       R"({"systemInstruction":{"parts":[{"text":"Be brief."}]},)"
       R"("contents":[{"parts":[{"text":"Why?"}]}]})",
       R"({"candidates":[{"content":{"role":"model","parts":[{"text":"hm","thought":true},)"
       R"({"text":"Because."}]},"finishReason":"STOP"}]})",
       stream_of({R"({"candidates":[{"content":{"role":"model","parts":[{"text":"Beca"}]}}]})",
                  R"({"candidates":[{"content":{"role":"model","parts":[{"text":"use."}]},)"
                  R"("finishReason":"STOP"}]})"})},
  };
  return kApis;
}

TEST(Examples, AreTheSameInTheWordsOfEachApi) {
  const Example expected{{says(Role::system, "Be brief."), says(Role::user, "Why?")},
                         says(Role::assistant, "Because."),
                         ""};
  for (const auto& api : apis()) {
    EXPECT_EQ(read(api.operation, api.prompt, api.answer).value(), expected)
        << config::name_of(api.operation);
    EXPECT_EQ(read(api.operation, api.prompt, api.stream, true).value(), expected)
        << config::name_of(api.operation) << ", streamed";
  }
}

TEST(Examples, AreNoneWhereAStreamIsCut) {
  for (const auto& api : apis()) {
    for (std::size_t end = api.stream.find("\n\n"); end != std::string::npos;
         end = api.stream.find("\n\n", end + 1)) {
      const auto cut = api.stream.substr(0, end - 20) + "\n\n";
      const auto example = read(api.operation, api.prompt, cut, true);
      if (!example) continue;
      EXPECT_EQ(example->answer.text, "Because.");
    }
  }
}

TEST(Examples, AreNoneOfWhatIsNoBody) {
  for (const auto& api : apis()) {
    for (const auto* text : {"", "{", "[]", "7", "{}", "null"}) {
      EXPECT_FALSE(read(api.operation, text, api.answer)) << text;
      EXPECT_FALSE(read(api.operation, api.prompt, text)) << text;
      EXPECT_FALSE(read(api.operation, api.prompt, text, true)) << text;
    }
  }
  EXPECT_EQ(read(Operation::other, "{}", "{}").error(), Unusable::not_understood);
}

TEST(Examples, AreNoneOfWhatNestsWithoutEnd) {
  const std::string deep(100'000, '[');
  EXPECT_EQ(read(Operation::messages, R"({"messages":)" + deep, "{}").error(),
            Unusable::not_understood);
}

// --- calls of functions
// -----------------------------------------------------------------------------

constexpr std::string_view kWeatherTool =
    R"([{"type":"function","function":{"name":"weather","description":"Now",)"
    R"("parameters":{"type":"object","properties":{"city":{"type":"string"}}}}}])";

/// A call, its result, and another call as the answer.
void expect_calls(const Example& example, const std::string& first, const std::string& second) {
  const Example expected{{says(Role::user, "Rain?"),
                          calls(first, "weather", R"({"city":"Rome","days":0.5})", "Let me look."),
                          result(first, "dry")},
                         calls(second, "weather", R"({"city":"Oslo"})"),
                         std::string(kWeatherTool)};
  EXPECT_EQ(example, expected);
}

TEST(Examples, HaveTheCallsOfAnthropicsTools) {
  constexpr std::string_view kPrompt =
      R"({"tools":[{"name":"weather","description":"Now","input_schema":{"type":"object",)"
      R"("properties":{"city":{"type":"string"}}},"cache_control":{"type":"ephemeral"}},)"
      R"({"type":"web_search_20250305","name":"web_search"}],)"
      R"("messages":[{"role":"user","content":"Rain?"},{"role":"assistant","content":[)"
      R"({"type":"text","text":"Let me look."},)"
      R"({"type":"tool_use","id":"t1","name":"weather","input":{"city":"Rome","days":0.5}}]},)"
      R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"t1",)"
      R"("content":[{"type":"text","text":"dry"}]}]}]})";
  expect_calls(read(Operation::messages, kPrompt,
                    R"({"content":[{"type":"tool_use","id":"t2","name":"weather",)"
                    R"("input":{"city":"Oslo"}}],"stop_reason":"tool_use"})")
                   .value(),
               "t1", "t2");
  const auto stream = stream_of(
      {R"({"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":)"
       R"("t2","name":"weather","input":{}}})",
       R"({"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta",)"
       R"("partial_json":""}})",
       R"({"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta",)"
       R"("partial_json":"{\"city\": \"O"}})",
       R"({"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta",)"
       R"("partial_json":"slo\"}"}})",
       R"({"type":"message_delta","delta":{"stop_reason":"tool_use"}})"});
  expect_calls(read(Operation::messages, kPrompt, stream, true).value(), "t1", "t2");
}

TEST(Examples, HaveTheCallsOfChatCompletions) {
  const auto prompt =
      R"({"tools":)" + std::string(kWeatherTool) +
      R"(,"messages":[{"role":"user","content":"Rain?"},{"role":"assistant",)"
      R"("content":"Let me look.","tool_calls":[{"id":"c1","type":"function","function":)"
      R"({"name":"weather","arguments":"{\"city\":\"Rome\",\"days\":0.5}"}}]},)"
      R"({"role":"tool","tool_call_id":"c1","content":"dry"}]})";
  expect_calls(
      read(
          Operation::chat_completions, prompt,
          R"({"choices":[{"message":{"role":"assistant","content":null,"tool_calls":[{"id":"c2",)"
          R"("type":"function","function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}}]},)"
          R"("finish_reason":"tool_calls"}]})")
          .value(),
      "c1", "c2");
  const auto stream = stream_of(
      {R"({"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c2","function":)"
       R"({"name":"weather","arguments":""}}]}}]})",
       R"({"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":)"
       R"("{\"city\":"}}]}}]})",
       R"({"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":)"
       R"("\"Oslo\"}"}}]}}]})",
       R"({"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]})", "[DONE]"});
  expect_calls(read(Operation::chat_completions, prompt, stream, true).value(), "c1", "c2");
}

TEST(Examples, HaveTheCallsOfResponses) {
  constexpr std::string_view kPrompt =
      R"({"tools":[{"type":"function","name":"weather","description":"Now","parameters":)"
      R"({"type":"object","properties":{"city":{"type":"string"}}}},{"type":"web_search"}],)"
      R"("input":[{"role":"user","content":"Rain?"},{"type":"reasoning","id":"r"},)"
      R"({"type":"message","role":"assistant","content":[{"type":"output_text",)"
      R"("text":"Let me look."}]},{"type":"function_call","call_id":"f1","name":"weather",)"
      R"("arguments":"{\"city\":\"Rome\",\"days\":0.5}"},)"
      R"({"type":"function_call_output","call_id":"f1","output":"dry"}]})";
  expect_calls(read(Operation::responses, kPrompt,
                    R"({"status":"completed","output":[{"type":"function_call","call_id":"f2",)"
                    R"("name":"weather","arguments":"{\"city\":\"Oslo\"}"}]})")
                   .value(),
               "f1", "f2");
}

TEST(Examples, HaveTheCallsOfGemini) {
  constexpr std::string_view kPrompt =
      R"({"tools":[{"functionDeclarations":[{"name":"weather","description":"Now","parameters":)"
      R"({"type":"OBJECT","properties":{"city":{"type":"STRING"}}}}]},{"googleSearch":{}}],)"
      R"("contents":[{"role":"user","parts":[{"text":"Rain?"}]},{"role":"model","parts":[)"
      R"({"text":"Let me look."},{"functionCall":{"name":"weather","args":{"city":"Rome",)"
      R"("days":0.5}},"thoughtSignature":"x"}]},{"role":"user","parts":[{"functionResponse":)"
      R"({"name":"weather","response":{"sky":"dry"}}}]}]})";
  const auto example =
      read(Operation::generate_content, kPrompt,
           R"({"candidates":[{"content":{"parts":[{"functionCall":{"name":"weather",)"
           R"("args":{"city":"Oslo"}}}]},"finishReason":"STOP"}]})")
          .value();
  EXPECT_EQ(example.tools, kWeatherTool);
  ASSERT_EQ(example.prompt.size(), 3u);
  EXPECT_EQ(example.prompt[1],
            calls("call_1", "weather", R"({"city":"Rome","days":0.5})", "Let me look."));
  EXPECT_EQ(example.prompt[2], result("call_1", R"({"sky":"dry"})"));
  EXPECT_EQ(example.answer.calls.front().arguments, R"({"city":"Oslo"})");
}

TEST(Examples, KnowGeminisCallsByTheirOrder) {
  const auto example =
      read(Operation::generate_content,
           R"({"contents":[{"role":"model","parts":[{"functionCall":{"name":"a"}},)"
           R"({"functionCall":{"name":"b"}},{"functionCall":{"name":"a"}}]},{"role":"user",)"
           R"("parts":[)"
           R"({"functionResponse":{"name":"b"}},{"functionResponse":{"name":"a"}},)"
           R"({"functionResponse":{"name":"a"}}]}]})",
           R"({"candidates":[{"content":{"parts":[{"text":"x"}]},"finishReason":"STOP"}]})")
          .value();
  ASSERT_EQ(example.prompt.size(), 4u);
  EXPECT_EQ(example.prompt[1].call_id, "call_2");
  EXPECT_EQ(example.prompt[2].call_id, "call_1");
  EXPECT_EQ(example.prompt[3].call_id, "call_3");
}

// --- forms of one API
// -------------------------------------------------------------------------------

TEST(Examples, ReadGeminisStreamThatIsAList) {
  const auto example =
      read(Operation::generate_content, R"({"contents":[{"parts":[{"text":"Why?"}]}]})",
           R"([{"candidates":[{"content":{"parts":[{"text":"Beca"}]}}]},)"
           R"({"candidates":[{"content":{"parts":[{"text":"use."}]},"finishReason":"STOP"}]}])");
  EXPECT_EQ(example.value().answer.text, "Because.");
}

TEST(Examples, KeepPiecesOfAPromptApartAndThoseOfAnAnswerTogether) {
  const auto example = read(Operation::messages,
                            R"({"messages":[{"role":"user","content":[{"type":"text","text":"A"},)"
                            R"({"type":"text","text":"B"}]},{"role":"user","content":"C"}]})",
                            R"({"content":[{"type":"text","text":"A"},{"type":"text","text":"B"}],)"
                            R"("stop_reason":"stop_sequence"})")
                           .value();
  EXPECT_EQ(example.prompt, (std::vector{says(Role::user, "A\n\nB"), says(Role::user, "C")}));
  EXPECT_EQ(example.answer.text, "AB");
}

TEST(Examples, WriteNumbersAsPeopleDo) {
  const auto example = read(Operation::messages, R"({"messages":[{"role":"user","content":"x"}]})",
                            R"({"content":[{"type":"tool_use","id":"t","name":"f","input":)"
                            R"({"n":[0.7,1.0,-3,12345678901234567890,1e300,1e999,-1e999]}}],)"
                            R"("stop_reason":"tool_use"})")
                           .value();
  EXPECT_EQ(example.answer.calls.front().arguments,
            R"({"n":[0.7,1,-3,12345678901234567890,1e+300,1e999,-1e999]})");
}

TEST(Examples, LeaveOutTheHeaderThatClaudeCodeCountsWith) {
  const auto example =
      read(Operation::messages,
           R"({"system":[{"type":"text","text":"x-anthropic-billing-header: cch=1;"},)"
           R"({"type":"text","text":"Be brief."}],"messages":[{"role":"user","content":"Why?"}]})",
           R"({"content":[{"type":"text","text":"A"}],"stop_reason":"end_turn"})")
          .value();
  EXPECT_EQ(example.prompt.front(), says(Role::system, "Be brief."));
}

// --- what makes none
// --------------------------------------------------------------------------------

constexpr std::string_view kSaid = R"({"content":[{"type":"text","text":"x"}],)"
                                   R"("stop_reason":"end_turn"})";

Unusable why_messages(std::string_view prompt, std::string_view answer = kSaid) {
  const auto example = read(Operation::messages, prompt, answer);
  EXPECT_FALSE(example);
  return example ? Unusable::no_place : example.error();
}

TEST(Examples, AreNoneWithMedia) {
  EXPECT_EQ(why_messages(R"({"messages":[{"role":"user","content":[{"type":"image"}]}]})"),
            Unusable::media);
  EXPECT_EQ(read(Operation::chat_completions,
                 R"({"messages":[{"role":"user","content":[{"type":"image_url"}]}]})", "{}")
                .error(),
            Unusable::media);
  EXPECT_EQ(read(Operation::responses,
                 R"({"input":[{"role":"user","content":[{"type":"input_file"}]}]})", "{}")
                .error(),
            Unusable::media);
  EXPECT_EQ(read(Operation::generate_content,
                 R"({"contents":[{"parts":[{"inlineData":{"data":"x"}}]}]})", "{}")
                .error(),
            Unusable::media);
}

TEST(Examples, AreNoneWhereTheProviderRanTools) {
  constexpr std::string_view kPrompt = R"({"messages":[{"role":"user","content":"x"}]})";
  EXPECT_EQ(
      why_messages(kPrompt, R"({"content":[{"type":"server_tool_use"}],"stop_reason":"end_turn"})"),
      Unusable::provider_tools);
  EXPECT_EQ(read(Operation::responses, R"({"input":"x"})",
                 R"({"status":"completed","output":[{"type":"web_search_call"}]})")
                .error(),
            Unusable::provider_tools);
}

TEST(Examples, AreNoneWherePartOfThePromptIsElsewhere) {
  EXPECT_EQ(read(Operation::responses, R"({"input":"x","previous_response_id":"r"})", "{}").error(),
            Unusable::kept_elsewhere);
  EXPECT_EQ(read(Operation::generate_content,
                 R"({"contents":[{"parts":[{"text":"x"}]}],"cachedContent":"c"})", "{}")
                .error(),
            Unusable::kept_elsewhere);
}

TEST(Examples, AreNoneWhereTheAnswerIsCutShortOrRefused) {
  constexpr std::string_view kPrompt = R"({"messages":[{"role":"user","content":"x"}]})";
  EXPECT_EQ(why_messages(kPrompt, R"({"content":[],"stop_reason":"max_tokens"})"),
            Unusable::cut_short);
  EXPECT_EQ(why_messages(kPrompt, R"({"content":[],"stop_reason":"refusal"})"), Unusable::refused);
  EXPECT_EQ(why_messages(kPrompt, R"({"content":[],"stop_reason":"end_turn"})"),
            Unusable::no_answer);
  const auto chat = [&](std::string_view answer) {
    return read(Operation::chat_completions, kPrompt, answer).error();
  };
  EXPECT_EQ(chat(R"({"choices":[{"message":{"role":"assistant"},"finish_reason":"length"}]})"),
            Unusable::cut_short);
  EXPECT_EQ(chat(R"({"choices":[{"message":{"role":"assistant","refusal":"no"},)"
                 R"("finish_reason":"stop"}]})"),
            Unusable::refused);
  const auto gemini = [&](std::string_view answer) {
    return read(Operation::generate_content, R"({"contents":[{"parts":[{"text":"x"}]}]})", answer)
        .error();
  };
  EXPECT_EQ(gemini(R"({"candidates":[{"finishReason":"MAX_TOKENS"}]})"), Unusable::cut_short);
  EXPECT_EQ(gemini(R"({"candidates":[{"finishReason":"SAFETY"}]})"), Unusable::refused);
  EXPECT_EQ(gemini(R"({"promptFeedback":{"blockReason":"OTHER"}})"), Unusable::refused);
  EXPECT_EQ(read(Operation::responses, R"({"input":"x"})",
                 R"({"status":"incomplete","incomplete_details":{"reason":"max_output_tokens"}})")
                .error(),
            Unusable::cut_short);
}

TEST(Examples, NameEachReason) {
  for (const auto why : all_unusable()) EXPECT_NE(name_of(why), "unknown");
}

// --- which prompts are the same
// -----------------------------------------------------------------------

std::string identity(Operation operation, std::string_view prompt) {
  for (const auto& api : apis()) {
    if (api.operation == operation) return prompt_text(read(operation, prompt, api.answer).value());
  }
  return {};
}

TEST(PromptText, IsTheSameForAllThatSaysTheSame) {
  const auto& first = apis().front();
  for (const auto& api : apis()) {
    EXPECT_EQ(identity(api.operation, api.prompt), identity(first.operation, first.prompt));
  }
}

TEST(PromptText, IsAnotherForWhatSaysAnythingElse) {
  const auto text = [](std::string_view prompt) { return identity(Operation::messages, prompt); };
  const auto plain = text(R"({"messages":[{"role":"user","content":"ab"}]})");
  for (const auto* other :
       {R"({"messages":[{"role":"user","content":"a"},{"role":"user","content":"b"}]})",
        R"({"system":"s","messages":[{"role":"user","content":"ab"}]})",
        R"({"messages":[{"role":"user","content":"ab"},{"role":"assistant","content":"c"}]})",
        R"({"messages":[{"role":"user","content":"ab"}],"tools":[{"name":"t","input_schema":)"
        R"({}}]})"}) {
    EXPECT_NE(text(other), plain) << other;
  }
}

}  // namespace
}  // namespace foreword::assembler
