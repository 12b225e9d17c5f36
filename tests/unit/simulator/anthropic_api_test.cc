// The Messages API rule by rule: what it refuses, how it counts, what it reports.
#include <gtest/gtest.h>

#include "calling_simulator.h"

namespace foreword::simulator {
namespace {

class AnthropicApiTest : public CallingSimulator {
 protected:
  static json::object text_block(const std::string& text) {
    return {{"type", "text"}, {"text", text}};
  }
  static json::object marked(json::object block, const char* ttl = nullptr) {
    json::object marker = {{"type", "ephemeral"}};
    if (ttl != nullptr) marker["ttl"] = ttl;
    block["cache_control"] = marker;
    return block;
  }
  static json::object user(json::value content) {
    return {{"role", "user"}, {"content", std::move(content)}};
  }
  /// A body with `system` as given and one question.
  static json::object body(json::value system, const std::string& question = "What now?") {
    json::array messages;
    messages.push_back(user(json::value(question)));
    return {{"model", "claude-sonnet-5-5"},
            {"max_tokens", 100},
            {"system", std::move(system)},
            {"messages", std::move(messages)}};
  }
  /// The knowledge base as the one marked system block.
  static json::object kb_body(const std::string& question, const char* ttl = nullptr) {
    json::array system;
    system.push_back(marked(text_block(text_of("kb", 3000)), ttl));
    return body(std::move(system), question);
  }
  json::value send(const json::object& request) { return post_json("/v1/messages", request); }
  std::string refused(const json::object& request) {
    const Reply reply = post("/v1/messages", request);
    EXPECT_EQ(reply.status, 400u);
    const auto parsed = json::parse(reply.body);
    EXPECT_EQ(text(parsed, "/error/type"), "invalid_request_error");
    return text(parsed, "/error/message");
  }
  static std::int64_t read_of(const json::value& message) {
    return number(message, "/usage/cache_read_input_tokens");
  }
  static std::int64_t written_of(const json::value& message) {
    return number(message, "/usage/cache_creation_input_tokens");
  }
  std::int64_t counted(json::object request) {
    return number(post_json("/v1/messages/count_tokens", request), "/input_tokens");
  }
};

// --- usage --------------------------------------------------------------------------------------

TEST_F(AnthropicApiTest, InputReadAndCreationAddUpToThePrompt) {
  const auto request = kb_body("First?");
  const auto total = counted(request);
  const auto cold = send(request);
  EXPECT_GT(written_of(cold), 3000);
  EXPECT_EQ(number(cold, "/usage/input_tokens") + written_of(cold), total);
  const auto warm = send(request);
  EXPECT_EQ(read_of(warm), written_of(cold));
  EXPECT_EQ(number(warm, "/usage/input_tokens") + read_of(warm), total);
}

TEST_F(AnthropicApiTest, CreationIsBrokenDownByTtl) {
  const auto message = send(kb_body("Question?", "1h"));
  EXPECT_EQ(number(message, "/usage/cache_creation/ephemeral_1h_input_tokens"),
            written_of(message));
  EXPECT_EQ(number(message, "/usage/cache_creation/ephemeral_5m_input_tokens"), 0);
}

TEST_F(AnthropicApiTest, BelowTheModelsMinimumBothCacheFieldsAreZero) {
  json::array system;
  system.push_back(marked(text_block(text_of("kb", 400))));
  const auto message = send(body(std::move(system)));
  EXPECT_EQ(written_of(message), 0);
  EXPECT_EQ(read_of(message), 0);
}

TEST_F(AnthropicApiTest, CachesAreNotSharedBetweenKeys) {
  send(kb_body("First?"));
  key_ = "another";
  EXPECT_EQ(read_of(send(kb_body("Second?"))), 0);
}

TEST_F(AnthropicApiTest, CachesAreNotSharedBetweenModels) {
  send(kb_body("First?"));
  auto other = kb_body("Second?");
  other["model"] = "claude-haiku-5-5";
  EXPECT_EQ(read_of(send(other)), 0);
}

TEST_F(AnthropicApiTest, AReadAfterFiveVirtualMinutesIsAWriteAgain) {
  send(kb_body("First?"));
  advance(std::chrono::seconds(301));
  const auto message = send(kb_body("Second?"));
  EXPECT_EQ(read_of(message), 0);
  EXPECT_GT(written_of(message), 0);
}

TEST_F(AnthropicApiTest, AnEntryIsReadableOnlyAfterTheFirstByteOfItsWriter) {
  const Exchange first = ask("/v1/messages", kb_body("First?"));
  EXPECT_EQ(read_of(send(kb_body("Second?"))), 0);
  simulator_.begin(first);
  EXPECT_GT(read_of(send(kb_body("Third?"))), 0);
}

TEST_F(AnthropicApiTest, AStringAndOneTextBlockAreTheSamePrompt) {
  json::array blocks;
  blocks.push_back(text_block("Be brief."));
  EXPECT_EQ(counted(body("Be brief.")), counted(body(std::move(blocks))));
}

TEST_F(AnthropicApiTest, MovingAMarkerDoesNotChangeThePrefix) {
  json::array system;
  system.push_back(marked(text_block(text_of("kb", 3000))));
  system.push_back(text_block("Be brief."));
  send(body(system));
  json::array moved;
  moved.push_back(text_block(text_of("kb", 3000)));
  moved.push_back(marked(text_block("Be brief.")));
  EXPECT_GT(read_of(send(body(std::move(moved)))), 3000);
}

TEST_F(AnthropicApiTest, MaxTokensZeroFillsTheCacheAndGeneratesNothing) {
  auto warm_up = kb_body("ping");
  warm_up["max_tokens"] = 0;
  const auto message = send(warm_up);
  EXPECT_TRUE(message.at("content").as_array().empty());
  EXPECT_EQ(text(message, "/stop_reason"), "max_tokens");
  EXPECT_EQ(number(message, "/usage/output_tokens"), 0);
  EXPECT_GT(read_of(send(kb_body("Question?"))), 3000);
}

TEST_F(AnthropicApiTest, MaxTokensZeroContradictsAStream) {
  auto warm_up = kb_body("ping");
  warm_up["max_tokens"] = 0;
  warm_up["stream"] = true;
  EXPECT_NE(refused(warm_up).find("stream"), std::string::npos);
}

// --- markers ------------------------------------------------------------------------------------

TEST_F(AnthropicApiTest, AFifthBreakpointIsRefused) {
  json::array system;
  for (int i = 0; i < 5; ++i) system.push_back(marked(text_block("part " + std::to_string(i))));
  EXPECT_EQ(refused(body(std::move(system))),
            "A maximum of 4 blocks with cache_control may be provided. Found 5.");
}

TEST_F(AnthropicApiTest, TheAutomaticBreakpointCountsAsOneOfFour) {
  json::array system;
  for (int i = 0; i < 4; ++i) system.push_back(marked(text_block("part " + std::to_string(i))));
  auto request = body(std::move(system));
  EXPECT_EQ(post("/v1/messages", request).status, 200u);
  request["cache_control"] = json::object{{"type", "ephemeral"}};
  EXPECT_EQ(refused(request), "A maximum of 4 blocks with cache_control may be provided. Found 5.");
}

TEST_F(AnthropicApiTest, AnHourBehindFiveMinutesIsRefused) {
  json::array system;
  system.push_back(marked(text_block("one"), "5m"));
  system.push_back(marked(text_block("two"), "1h"));
  const auto message = refused(body(std::move(system)));
  EXPECT_NE(message.find("system.1.cache_control.ttl"), std::string::npos) << message;
  EXPECT_NE(message.find("must not come after"), std::string::npos) << message;
}

TEST_F(AnthropicApiTest, AMarkerOnAnEmptyTextBlockIsRefused) {
  json::array system;
  system.push_back(marked(text_block("")));
  EXPECT_NE(
      refused(body(std::move(system))).find("cache_control cannot be set for empty text blocks"),
      std::string::npos);
}

TEST_F(AnthropicApiTest, AnEmptyTextBlockIsRefused) {
  json::array system;
  system.push_back(text_block(""));
  EXPECT_EQ(refused(body(std::move(system))), "system: text content blocks must be non-empty");
}

TEST_F(AnthropicApiTest, AMarkerOnThinkingIsRefused) {
  auto request = body("Be brief.");
  json::array content;
  content.push_back(marked({{"type", "thinking"}, {"thinking", "hm"}, {"signature", "c2ln"}}));
  request["messages"].as_array().push_back(
      json::object{{"role", "assistant"}, {"content", std::move(content)}});
  EXPECT_NE(refused(request).find("messages.1.content.0.thinking.cache_control"),
            std::string::npos);
}

TEST_F(AnthropicApiTest, OnlyEphemeralMarkersExist) {
  json::array system;
  auto block = text_block("one");
  block["cache_control"] = json::object{{"type", "persistent"}};
  system.push_back(std::move(block));
  EXPECT_NE(refused(body(std::move(system))).find("Input should be 'ephemeral'"),
            std::string::npos);
}

TEST_F(AnthropicApiTest, AutomaticCachingMarksTheLastBlock) {
  auto request = body(json::value(text_of("kb", 3000)));
  request["cache_control"] = json::object{{"type", "ephemeral"}};
  const auto message = send(request);
  EXPECT_EQ(number(message, "/usage/input_tokens"), 3) << "what opens the answer";
  EXPECT_EQ(written_of(message) + 3, counted(request));
}

TEST_F(AnthropicApiTest, AutomaticCachingWithAnotherTtlThanTheLastBlocksIsRefused) {
  auto request = body("Be brief.");
  json::array content;
  content.push_back(marked(text_block("Question?"), "5m"));
  request["messages"].as_array()[0] = user(std::move(content));
  request["cache_control"] = json::object{{"type", "ephemeral"}, {"ttl", "1h"}};
  refused(request);
  request["cache_control"] = json::object{{"type", "ephemeral"}, {"ttl", "5m"}};
  EXPECT_EQ(post("/v1/messages", request).status, 200u) << "the same TTL changes nothing";
}

// --- what invalidates ----------------------------------------------------------------------------

class AnthropicInvalidationTest : public AnthropicApiTest {
 protected:
  /// One breakpoint behind tools, one behind system, one behind the first turn.
  json::object three_parts() const {
    json::array tools;
    tools.push_back(marked({{"name", "search"},
                            {"description", text_of("tool", 2000)},
                            {"input_schema", json::object{{"type", "object"}}}}));
    json::array system;
    system.push_back(marked(text_block(text_of("sys", 2000))));
    auto request = body(std::move(system));
    request["tools"] = std::move(tools);
    json::array content;
    content.push_back(marked(text_block(text_of("turn", 2000))));
    request["messages"].as_array()[0] = user(std::move(content));
    return request;
  }
  /// How many of the three parts a request that is changed like this still reads.
  int parts_read_after(const std::function<void(json::object&)>& change) {
    send(three_parts());
    auto changed = three_parts();
    change(changed);
    return static_cast<int>(read_of(send(changed)) / 2000);
  }
};

TEST_F(AnthropicInvalidationTest, NothingIsLostWithoutAChange) {
  EXPECT_EQ(parts_read_after([](json::object&) {}), 3);
}

TEST_F(AnthropicInvalidationTest, AToolDefinitionLosesAll) {
  EXPECT_EQ(parts_read_after([](json::object& request) {
              request["tools"].as_array()[0].as_object()["name"] = "find";
            }),
            0);
}

TEST_F(AnthropicInvalidationTest, SpeedKeepsTheTools) {
  EXPECT_EQ(parts_read_after([](json::object& request) { request["speed"] = "fast"; }), 1);
}

TEST_F(AnthropicInvalidationTest, WebSearchKeepsTheTools) {
  EXPECT_EQ(parts_read_after([](json::object& request) {
              auto& tools = request["tools"].as_array();
              tools.insert(tools.begin(),
                           json::object{{"type", "web_search_20260318"}, {"name", "web_search"}});
            }),
            1);
}

TEST_F(AnthropicInvalidationTest, ToolChoiceKeepsToolsAndSystem) {
  EXPECT_EQ(parts_read_after([](json::object& request) {
              request["tool_choice"] =
                  json::object{{"type", "auto"}, {"disable_parallel_tool_use", true}};
            }),
            2);
}

TEST_F(AnthropicInvalidationTest, AFirstImageKeepsToolsAndSystem) {
  EXPECT_EQ(parts_read_after([](json::object& request) {
              auto& content = request["messages"].as_array()[0].as_object()["content"].as_array();
              content.push_back(json::object{{"type", "image"},
                                             {"source", json::object{{"type", "base64"},
                                                                     {"media_type", "image/png"},
                                                                     {"data", "AA=="}}}});
            }),
            2);
}

TEST_F(AnthropicInvalidationTest, ThinkingParametersKeepToolsAndSystem) {
  EXPECT_EQ(parts_read_after([](json::object& request) {
              request["thinking"] = json::object{{"type", "adaptive"}};
            }),
            2);
}

TEST_F(AnthropicInvalidationTest, NamingTheDefaultEffortIsTheSameAsLeavingItOut) {
  EXPECT_EQ(parts_read_after([](json::object& request) {
              request["output_config"] = json::object{{"effort", "high"}};
            }),
            3);
  EXPECT_EQ(parts_read_after([](json::object& request) {
              request["output_config"] = json::object{{"effort", "low"}};
            }),
            2);
}

TEST_F(AnthropicApiTest, OlderModelsForgetThinkingWhenTheUserSpeaksAgain) {
  const auto tokens = [this](const char* model, bool with_thinking) {
    json::array thought;
    if (with_thinking) {
      thought.push_back(
          json::object{{"type", "thinking"}, {"thinking", "Hm, hm."}, {"signature", "c2ln"}});
    }
    thought.push_back(text_block("Done."));
    auto request = body("Be brief.");
    auto& messages = request["messages"].as_array();
    messages.push_back(json::object{{"role", "assistant"}, {"content", std::move(thought)}});
    messages.push_back(user(json::value("Go on.")));
    request["model"] = model;
    return counted(request);
  };
  EXPECT_EQ(tokens("claude-haiku-4-5", true), tokens("claude-haiku-4-5", false));
  EXPECT_GT(tokens("claude-opus-4-6", true), tokens("claude-opus-4-6", false));
}

TEST_F(AnthropicApiTest, SystemMessagesInMidConversationAreForNewerModels) {
  auto request = body("Be brief.");
  request["messages"].as_array().push_back(
      json::object{{"role", "system"}, {"content", "Be briefer."}});
  EXPECT_EQ(post("/v1/messages", request).status, 200u);
  request["model"] = "claude-sonnet-5";
  EXPECT_NE(refused(request).find("Unexpected role"), std::string::npos);
}

// --- streams ------------------------------------------------------------------------------------

TEST_F(AnthropicApiTest, AStreamHasTheEventsInOrder) {
  auto request = kb_body("Question?");
  request["stream"] = true;
  const Reply reply = post("/v1/messages", request);
  ASSERT_TRUE(reply.is_streamed);
  const auto events = data_of(reply);
  ASSERT_GE(events.size(), 7u);
  EXPECT_EQ(text(events[0], "/type"), "message_start");
  EXPECT_EQ(text(events[1], "/type"), "content_block_start");
  EXPECT_EQ(text(events[events.size() - 3], "/type"), "content_block_stop");
  EXPECT_EQ(text(events[events.size() - 2], "/type"), "message_delta");
  EXPECT_EQ(text(events.back(), "/type"), "message_stop");
  EXPECT_EQ(reply.events[0].bytes.substr(0, 21), "event: message_start\n");
}

TEST_F(AnthropicApiTest, MessageStartHasTheBreakdownAndMessageDeltaTheTotals) {
  auto request = kb_body("Question?", "1h");
  request["stream"] = true;
  const auto events = data_of(post("/v1/messages", request));
  const auto written = number(events[0], "/message/usage/cache_creation_input_tokens");
  EXPECT_GT(written, 3000);
  EXPECT_EQ(number(events[0], "/message/usage/cache_creation/ephemeral_1h_input_tokens"), written);
  const auto& delta = events[events.size() - 2];
  EXPECT_EQ(number(delta, "/usage/cache_creation_input_tokens"), written) << "repeated, not added";
  EXPECT_EQ(number(delta, "/usage/cache_creation/ephemeral_1h_input_tokens"), -1);
  EXPECT_GT(number(delta, "/usage/output_tokens"), 1);
}

TEST_F(AnthropicApiTest, TheStreamedTextIsTheTextOfTheDocument) {
  auto request = body("Be brief.");
  const auto whole = text(send(request), "/content/0/text");
  request["stream"] = true;
  std::string streamed;
  for (const auto& event : data_of(post("/v1/messages", request)))
    streamed += text(event, "/delta/text");
  EXPECT_EQ(streamed, whole);
  EXPECT_FALSE(whole.empty());
}

TEST_F(AnthropicApiTest, AnswersCiteTheDocumentsInThePrompt) {
  const auto message = send(body("<document><source>docs/leave.md</source>Text.</document>"));
  EXPECT_NE(text(message, "/content/0/text").find("docs/leave.md"), std::string::npos);
}

TEST_F(AnthropicApiTest, MaxTokensCutsTheAnswer) {
  auto request = body("Be brief.");
  request["max_tokens"] = 5;
  const auto message = send(request);
  EXPECT_EQ(number(message, "/usage/output_tokens"), 5);
  EXPECT_EQ(text(message, "/stop_reason"), "max_tokens");
}

TEST_F(AnthropicApiTest, ThinkingComesFirstAndCountsAsOutput) {
  auto request = body("Be brief.");
  request["thinking"] = json::object{{"type", "adaptive"}};
  const auto message = send(request);
  EXPECT_EQ(text(message, "/content/0/type"), "thinking");
  const auto thought = number(message, "/usage/output_tokens_details/thinking_tokens");
  EXPECT_GT(thought, 0);
  EXPECT_GT(number(message, "/usage/output_tokens"), thought);
}

// --- refusals, headers
// ------------------------------------------------------------------------------

TEST_F(AnthropicApiTest, ATooLongPromptIsRefusedWithNumbers) {
  auto request = body(json::value(text_of("kb", 210'000)));
  request["model"] = "claude-haiku-4-5";
  const auto message = refused(request);
  EXPECT_EQ(message.find("prompt is too long: 210"), 0u) << message;
  EXPECT_NE(message.find(" tokens > 200000 maximum"), std::string::npos) << message;
}

TEST_F(AnthropicApiTest, AnUnknownModelIsNotFound) {
  auto request = body("Be brief.");
  request["model"] = "claude-nonsense";
  const Reply reply = post("/v1/messages", request);
  EXPECT_EQ(reply.status, 404u);
  EXPECT_EQ(text(json::parse(reply.body), "/error/type"), "not_found_error");
  EXPECT_EQ(error_message(reply), "model: claude-nonsense");
}

TEST_F(AnthropicApiTest, BodiesOver32MegabytesAreTooLarge) {
  auto request = body(json::value(std::string((32u << 20) + 1, 'x')));
  EXPECT_EQ(post("/v1/messages", request).status, 413u);
}

TEST_F(AnthropicApiTest, TheNewestVersionRefusesSamplingParameters) {
  auto request = body("Be brief.");
  request["temperature"] = 0.5;
  EXPECT_EQ(post("/v1/messages", request).status, 200u);
  version_ = "2026-10-21";
  EXPECT_NE(refused(request).find("temperature"), std::string::npos);
}

TEST_F(AnthropicApiTest, AMissingVersionIsRefused) {
  version_ = "";
  EXPECT_EQ(refused(body("Be brief.")), "anthropic-version: header is required");
}

TEST_F(AnthropicApiTest, AWrongKeyIsRefusedInTheProvidersShape) {
  key_ = "invalid";
  const Reply reply = post("/v1/messages", body("Be brief."));
  EXPECT_EQ(reply.status, 401u);
  const auto parsed = json::parse(reply.body);
  EXPECT_EQ(text(parsed, "/type"), "error");
  EXPECT_EQ(text(parsed, "/error/type"), "authentication_error");
  EXPECT_EQ(text(parsed, "/request_id"), header_of(reply, "request-id"));
}

TEST_F(AnthropicApiTest, RepliesNameTheWorkspaceAndTheRateLimits) {
  const Reply reply = post("/v1/messages", body("Be brief."));
  EXPECT_EQ(header_of(reply, "anthropic-workspace-id").substr(0, 9), "wrkspc_01");
  EXPECT_EQ(header_of(reply, "anthropic-organization-id").size(), 36u);
  EXPECT_EQ(header_of(reply, "anthropic-ratelimit-requests-remaining"), "3999");
  EXPECT_EQ(header_of(reply, "anthropic-ratelimit-tokens-reset"), "2026-11-23T12:01:00Z");
}

TEST_F(AnthropicApiTest, CacheReadsDoNotCountTowardsTheInputLimit) {
  const auto remaining = [this] {
    return std::stoll(header_of(post("/v1/messages", kb_body("Same?")),
                                "anthropic-ratelimit-input-tokens-remaining"));
  };
  const auto before = remaining();
  EXPECT_LT(before - remaining(), 100);
}

TEST_F(AnthropicApiTest, TheDiagnosisNamesWhatChanged) {
  const auto first = send(kb_body("First?"));
  auto second = kb_body("Second?");
  second["system"].as_array()[0].as_object()["text"] = text_of("other", 3000);
  second["diagnostics"] = json::object{{"previous_message_id", first.at("id")}};
  const auto message = send(second);
  EXPECT_EQ(text(message, "/diagnostics/cache_miss_reason/type"), "system_changed");
  EXPECT_GT(number(message, "/diagnostics/cache_miss_reason/cache_missed_input_tokens"), 3000);
}

TEST_F(AnthropicApiTest, ModelsAreListedInPages) {
  const auto page = json::parse(get("/v1/models?limit=2").body);
  EXPECT_EQ(page.at("data").as_array().size(), 2u);
  EXPECT_TRUE(page.at("has_more").as_bool());
  const auto next = json::parse(get("/v1/models?limit=2&after_id=" + text(page, "/last_id")).body);
  EXPECT_NE(text(next, "/first_id"), text(page, "/last_id"));
}

}  // namespace
}  // namespace foreword::simulator
