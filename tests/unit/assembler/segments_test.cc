// What a segment says of itself, and the hashes that prefixes are known by.
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "assembler/prefix.h"
#include "assembler/scan.h"

namespace foreword::assembler {
namespace {

using config::Hash128;
using config::Operation;

Outline outline_of(Operation operation, std::string_view body) {
  const auto scanned = scan(operation, body);
  EXPECT_TRUE(scanned.has_value()) << body;
  return scanned ? *scanned : Outline();
}

Outline messages(std::string_view body) {
  return outline_of(Operation::messages, body);
}

std::vector<Segment> segments_of(Operation operation, std::string_view body) {
  return outline_of(operation, body).segments;
}

/// A request whose only message holds these blocks.
std::string with_blocks(std::string_view blocks, std::string_view role = "user") {
  return R"({"messages":[{"role":")" + std::string(role) + R"(","content":[)" +
         std::string(blocks) + "]}]}";
}

Hash128 hash_of_block(std::string_view block) {
  const auto outline = messages(with_blocks(block));
  EXPECT_EQ(outline.segments.size(), 1u) << block;
  return outline.segments.empty() ? Hash128() : outline.segments.front().hash;
}

// --- identity ------------------------------------------------------------------------------------

struct Pair {
  const char* marked;
  const char* plain;
};

class MovedMarkerTest : public ::testing::TestWithParam<Pair> {};

TEST_P(MovedMarkerTest, LeavesTheSameHash) {
  EXPECT_EQ(hash_of_block(GetParam().marked), hash_of_block(GetParam().plain));
}

INSTANTIATE_TEST_SUITE_P(
    Blocks, MovedMarkerTest,
    ::testing::Values(
        Pair{R"({"a":1,"cache_control":{"type":"ephemeral"}})", R"({"a":1})"},
        Pair{R"({"cache_control":{"type":"ephemeral"},"a":1})", R"({"a":1})"},
        Pair{R"({"a":1,"cache_control":null,"b":2})", R"({"a":1,"b":2})"},
        Pair{R"({"a": 1, "cache_control": {"ttl": "1h"}, "b": 2})", R"({"a": 1, "b": 2})"},
        Pair{"{\n  \"a\": 1,\n  \"cache_control\": {}\n}", "{\n  \"a\": 1\n}"},
        Pair{"{\n  \"cache_control\": {},\n  \"a\": 1\n}", "{\n  \"a\": 1\n}"},
        Pair{R"({"cache_control":1,"cache_control":2,"a":1,"cache_control":3,"cache_control":4})",
             R"({"a":1})"},
        Pair{R"({"cache_control":{}})", "{}"},
        Pair{R"({"a":1,"cache\u005fcontrol":{}})", R"({"a":1})"},
        Pair{R"({"type":"tool_result","content":[{"text":"x","cache_control":{}},)"
             R"({"cache_control":{},"text":"y"}],"cache_control":{}})",
             R"({"type":"tool_result","content":[{"text":"x"},{"text":"y"}]})"}));

TEST(SegmentHash, CacheControlInAToolsInputIsContent) {
  EXPECT_NE(hash_of_block(R"({"type":"tool_use","input":{"cache_control":{}}})"),
            hash_of_block(R"({"type":"tool_use","input":{}})"));
}

TEST(SegmentHash, BreakpointsOfOpenAiAreNoContent) {
  const auto hash = [](std::string_view part) {
    return segments_of(Operation::chat_completions, with_blocks(part)).at(0).hash;
  };
  EXPECT_EQ(hash(R"({"type":"text","text":"x","prompt_cache_breakpoint":{"mode":"explicit"}})"),
            hash(R"({"type":"text","text":"x"})"));
  EXPECT_NE(hash(R"({"type":"text","text":"x","cache_control":{}})"),
            hash(R"({"type":"text","text":"x"})"));
}

TEST(SegmentHash, NamesTheRole) {
  const std::string block = R"({"type":"text","text":"x"})";
  EXPECT_NE(messages(with_blocks(block, "user")).segments[0].hash,
            messages(with_blocks(block, "assistant")).segments[0].hash);
  EXPECT_NE(messages(R"({"messages":[{"content":"x","role":"user"}]})").segments[0].hash,
            messages(R"({"messages":[{"content":"x","role":"assistant"}]})").segments[0].hash);
}

TEST(SegmentHash, DoesNotDependOnTheBlocksBesideIt) {
  EXPECT_EQ(messages(with_blocks(R"({"a":1})")).segments[0].hash,
            messages(with_blocks(R"({"a":1},{"b":2})")).segments[0].hash);
}

TEST(SegmentHash, NamesTheToolCallsBesideAContent) {
  const auto hash = [](std::string_view calls) {
    return segments_of(Operation::chat_completions,
                       R"({"messages":[{"role":"assistant","content":"x","tool_calls":[)" +
                           std::string(calls) + "]}]}")
        .at(0)
        .hash;
  };
  EXPECT_NE(hash(R"({"id":"1"})"), hash(R"({"id":"2"})"));
}

TEST(SegmentHash, OfALongBlockDoesNotDependOnThePieces) {
  const std::string text(100'000, 'x');
  const auto block = [&](std::string_view tail) {
    return with_blocks(R"({"type":"text","text":")" + text + "\"" + std::string(tail) + "}");
  };
  const auto plain = messages(block(R"(,"b":2)"));
  const auto marked = block(R"(,"cache_control":{"type":"ephemeral"},"b":2)");
  EXPECT_EQ(messages(marked).segments[0].hash, plain.segments[0].hash);
  for (const std::size_t piece : {1'000, 17'000, 70'001}) {
    Scanner scanner(Operation::messages);
    for (std::size_t end = piece; end < marked.size(); end += piece) {
      const std::string moved = marked.substr(0, end);
      scanner.feed(moved);
    }
    const auto scanned = scanner.finish(marked);
    ASSERT_TRUE(scanned.has_value());
    EXPECT_EQ(scanned->segments[0].hash, plain.segments[0].hash) << piece;
  }
}

TEST(SegmentHash, WaitsForTheEndOfANameThatIsCutBetweenTwoPieces) {
  for (std::size_t length = 20'380; length < 20'480; length += 7) {
    const std::string text = R"({"type":"text","text":")" + std::string(length, 'x') + "\"";
    const auto plain = messages(with_blocks(text + "}"));
    const auto marked = messages(with_blocks(text + R"(,"cache_control":{"type":"ephemeral"}})"));
    ASSERT_EQ(marked.segments[0].hash, plain.segments[0].hash) << length;
  }
}

TEST(SegmentHash, OfTheBillingHeaderLeavesOutItsChecksum) {
  const auto outline = [](std::string_view header) {
    return messages(R"({"system":[{"type":"text","text":")" + std::string(header) +
                    R"("},{"type":"text","text":"S"}]})");
  };
  const auto first = outline("x-anthropic-billing-header: cc_version=2.1; cch=abc;");
  const auto second = outline("x-anthropic-billing-header: cc_version=2.1; cch=def;");
  const auto other = outline("x-anthropic-billing-header: cc_version=2.2; cch=abc;");
  EXPECT_EQ(first.segments[0].hash, second.segments[0].hash);
  EXPECT_NE(first.segments[0].hash, other.segments[0].hash);
  EXPECT_EQ(first.anthropic.billing_header, first.segments[0].span);
  EXPECT_EQ(first.segments[0].markable, Markable::no);
  EXPECT_EQ(first.segments[1].markable, Markable::block);
}

TEST(Segments, OnlyTheFirstSystemBlockIsABillingHeader) {
  const auto outline = messages(R"({"system":[{"type":"text","text":"S"},)"
                                R"({"type":"text","text":"x-anthropic-billing-header: cch=1"}]})");
  EXPECT_EQ(outline.anthropic.billing_header, Span());
}

TEST(Segments, AnElementWithoutContentIsOneItself) {
  const std::string call = R"({"type":"function_call","name":"f","arguments":"{}"})";
  const std::string body = R"({"input":[{"role":"user","content":"x"},)" + call + "]}";
  const auto segments = segments_of(Operation::responses, body);
  ASSERT_EQ(segments.size(), 2u);
  EXPECT_EQ(body.substr(segments[1].span.begin, segments[1].span.size()), call);
  EXPECT_EQ(segments[1].text_bytes, call.size());
  EXPECT_EQ(segments[1].markable, Markable::no);
}

TEST(Segments, ASingleContentOfGeminiHasSegments) {
  EXPECT_EQ(
      segments_of(Operation::generate_content, R"({"contents":{"parts":[{"text":"a"}]}})").size(),
      1u);
}

// --- what may be done with them ------------------------------------------------------------------

std::string marks_of(Operation operation, std::string_view body) {
  std::string letters;
  for (const Segment& segment : segments_of(operation, body)) {
    letters += segment.markable == Markable::block    ? 'b'
               : segment.markable == Markable::string ? 's'
                                                      : '-';
  }
  return letters;
}

struct MarkableCase {
  Operation operation;
  std::string body;
  const char* expected;
};

class MarkableTest : public ::testing::TestWithParam<MarkableCase> {};

TEST_P(MarkableTest, SaysWhatMayCarryAMarker) {
  EXPECT_EQ(marks_of(GetParam().operation, GetParam().body), GetParam().expected)
      << GetParam().body;
}

INSTANTIATE_TEST_SUITE_P(
    Anthropic, MarkableTest,
    ::testing::Values(
        MarkableCase{Operation::messages,
                     with_blocks(R"({"type":"text","text":"x"},{"type":"image"},)"
                                 R"({"type":"document"},{"type":"tool_use"},)"
                                 R"({"type":"tool_result"})"),
                     "bbbbb"},
        MarkableCase{Operation::messages,
                     with_blocks(R"({"type":"thinking"},{"type":"redacted_thinking"},)"
                                 R"({"type":"server_tool_use"},{"text":"x"},7,"x",[])"),
                     "-------"},
        MarkableCase{Operation::messages,
                     with_blocks(R"({"type":"text","text":""},{"type":"text"},)"
                                 R"({"type":"text","text":7},{"text":"x","type":"text"})"),
                     "---b"},
        MarkableCase{Operation::messages,
                     with_blocks(R"({"type":"text","text":"x","cache_control":{}},)"
                                 R"({"type":"text","text":"x","cache_control":null},)"
                                 R"({"type":"tool_result","content":[{"cache_control":{}}]},)"
                                 R"({"type":"tool_result","content":[{"cache_control":null}]})"),
                     "---b"},
        MarkableCase{Operation::messages, with_blocks(R"({"type":"text","text":"x"})", "system"),
                     "-"},
        MarkableCase{Operation::messages,
                     R"({"messages":[{"role":"user","content":"x"},{"content":"y","role":"user"},)"
                     R"({"role":"user","content":""},{"content":"x"}]})",
                     "ss--"},
        MarkableCase{Operation::messages,
                     R"({"tools":[{"name":"f"},{"name":"g","defer_loading":true},)"
                     R"({"name":"h","defer_loading":false},{},1,{"cache_control":{}}]})",
                     "b-b---"},
        MarkableCase{Operation::messages,
                     R"({"system":[{"type":"text","text":"S"},{"type":"image"},)"
                     R"({"type":"text","text":""}]})",
                     "b--"},
        MarkableCase{Operation::messages, R"({"system":"S"})", "s"},
        MarkableCase{Operation::messages, R"({"system":""})", "-"}));

INSTANTIATE_TEST_SUITE_P(
    OpenAi, MarkableTest,
    ::testing::Values(
        MarkableCase{Operation::chat_completions,
                     with_blocks(R"({"type":"text","text":"x"},{"type":"image_url"},)"
                                 R"({"type":"input_audio"},{"type":"file"},{"type":"refusal"},)"
                                 R"({"type":"text","text":""},{"type":"input_text","text":"x"},)"
                                 R"({"type":"text","text":"x","prompt_cache_breakpoint":null})"),
                     "bbbb----"},
        MarkableCase{Operation::chat_completions,
                     with_blocks(R"({"type":"text","text":"x"})", "assistant"), "-"},
        MarkableCase{
            Operation::chat_completions,
            R"({"tools":[{"type":"function"}],"messages":[{"role":"system","content":"x"},)"
            R"({"role":"developer","content":"x"},{"role":"user","content":"x"},)"
            R"({"role":"tool","content":"x"},{"role":"function","content":"x"},)"
            R"({"role":"assistant","content":"x"},{"role":"user","content":""}]})",
            "-ssss---"},
        MarkableCase{Operation::responses,
                     R"({"instructions":"I","tools":[{"name":"f"}],"input":[)"
                     R"({"role":"user","content":[{"type":"input_text","text":"x"},)"
                     R"({"type":"input_image"},{"type":"input_file"},)"
                     R"({"type":"output_text","text":"x"}]}]})",
                     "--bbb-"},
        MarkableCase{Operation::responses,
                     R"({"input":[{"role":"user","content":"x"},)"
                     R"({"type":"message","role":"developer","content":"x"},)"
                     R"({"role":"assistant","content":"x"},{"type":"function_call"},)"
                     R"({"type":"function_call_output","output":"x"},)"
                     R"({"type":"function_call_output","output":[{"type":"input_image"}]},)"
                     R"({"type":"reasoning","role":"user","content":"x"}]})",
                     "ss---b-"},
        MarkableCase{Operation::responses, R"({"input":"x"})", "s"},
        MarkableCase{Operation::responses, R"({"input":""})", "-"}));

INSTANTIATE_TEST_SUITE_P(Gemini, MarkableTest,
                         ::testing::Values(MarkableCase{
                             Operation::generate_content,
                             R"({"tools":[{}],"systemInstruction":{"parts":[{"text":"s"}]},)"
                             R"("contents":[{"role":"user","parts":[{"text":"x"}]}]})",
                             "---"}));

TEST(Segments, CarryTheMarkersOfTheClient) {
  const auto segments = messages(with_blocks(R"({"cache_control":{}},{"a":1},)"
                                             R"({"cache_control":{"ttl":"1h"}},)"
                                             R"({"content":[{"cache_control":{"ttl":"1h"}}],)"
                                             R"("cache_control":{"ttl":"5m"}})"))
                            .segments;
  EXPECT_TRUE(segments[0].carries(Ttl::minutes_5));
  EXPECT_EQ(segments[1].markers, 0);
  EXPECT_TRUE(segments[2].carries(Ttl::hour_1));
  EXPECT_FALSE(segments[2].carries(Ttl::minutes_5));
  EXPECT_TRUE(segments[3].carries(Ttl::hour_1) && segments[3].carries(Ttl::minutes_5));
}

TEST(Segments, BreakpointsWithoutATimeHaveTheRequests) {
  const std::string parts = with_blocks(R"({"prompt_cache_breakpoint":{"mode":"explicit"}},)"
                                        R"({"prompt_cache_breakpoint":{"ttl":"30m"}})");
  const auto usual = segments_of(Operation::responses, R"({"input":[]})");
  EXPECT_TRUE(usual.empty());
  const std::string items = parts.substr(parts.find('['), parts.size() - parts.find('[') - 1);
  const auto short_lived = segments_of(Operation::responses, R"({"input":)" + items + "}");
  EXPECT_TRUE(short_lived[0].carries(Ttl::minutes_30));
  const auto long_lived = segments_of(
      Operation::responses, R"({"input":)" + items + R"(,"prompt_cache_options":{"ttl":"12h"}})");
  EXPECT_TRUE(long_lived[0].carries(Ttl::hours_12));
  EXPECT_TRUE(long_lived[1].carries(Ttl::minutes_30));
}

// --- levels --------------------------------------------------------------------------------------

struct LevelCase {
  Operation operation;
  const char* member;
  SegmentKind level;
};

class LevelTest : public ::testing::TestWithParam<LevelCase> {};

TEST_P(LevelTest, ChangesItsOwnLevelOnly) {
  const auto& [operation, member, level] = GetParam();
  const auto without = outline_of(operation, R"({"x":1})");
  const auto with = outline_of(operation, R"({"x":1,)" + std::string(member) + "}");
  for (std::size_t i = 0; i < kLevels; ++i) {
    EXPECT_EQ(with.level_hash[i] != without.level_hash[i], i == static_cast<std::size_t>(level))
        << member << " " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Members, LevelTest,
    ::testing::Values(
        LevelCase{Operation::messages, R"("thread":{})", SegmentKind::tool},
        LevelCase{Operation::messages, R"("mcp_servers":[])", SegmentKind::tool},
        LevelCase{Operation::messages, R"("speed":"fast")", SegmentKind::system_block},
        LevelCase{Operation::messages, R"("output_config":{"format":{}})",
                  SegmentKind::system_block},
        LevelCase{Operation::messages,
                  R"("messages":[{"content":[{"citations":{"enabled":true}}]}])",
                  SegmentKind::system_block},
        LevelCase{Operation::messages, R"("output_config":{"effort":"low"})",
                  SegmentKind::message_block},
        LevelCase{Operation::messages, R"("tool_choice":{"type":"any"})",
                  SegmentKind::message_block},
        LevelCase{Operation::messages, R"("thinking":{})", SegmentKind::message_block},
        LevelCase{Operation::messages, R"("messages":[{"content":[{"type":"image"}]}])",
                  SegmentKind::message_block},
        LevelCase{Operation::messages,
                  R"("messages":[{"content":[{"content":[{"type":"image"}]}]}])",
                  SegmentKind::message_block},
        LevelCase{Operation::chat_completions, R"("prompt_cache_key":"k")", SegmentKind::tool},
        LevelCase{Operation::chat_completions, R"("parallel_tool_calls":false)", SegmentKind::tool},
        LevelCase{Operation::chat_completions, R"("response_format":{})", SegmentKind::tool},
        LevelCase{Operation::chat_completions, R"("reasoning_effort":"low")", SegmentKind::tool},
        LevelCase{Operation::chat_completions, R"("verbosity":"low")", SegmentKind::tool},
        LevelCase{Operation::chat_completions, R"("service_tier":"flex")", SegmentKind::tool},
        LevelCase{Operation::responses, R"("text":{"format":{}})", SegmentKind::tool},
        LevelCase{Operation::responses, R"("text":{"verbosity":"low"})", SegmentKind::tool},
        LevelCase{Operation::responses, R"("reasoning":{"effort":"low"})", SegmentKind::tool},
        LevelCase{Operation::responses, R"("previous_response_id":"r")", SegmentKind::tool},
        LevelCase{Operation::generate_content, R"("toolConfig":{})", SegmentKind::tool},
        LevelCase{Operation::generate_content, R"("systemInstruction":{"role":"x"})",
                  SegmentKind::system_block}));

class NoLevelTest : public ::testing::TestWithParam<std::pair<Operation, const char*>> {};

TEST_P(NoLevelTest, ChangesNone) {
  const auto& [operation, member] = GetParam();
  EXPECT_EQ(outline_of(operation, R"({"x":1,)" + std::string(member) + "}").level_hash,
            outline_of(operation, R"({"x":1})").level_hash)
      << member;
}

INSTANTIATE_TEST_SUITE_P(
    Members, NoLevelTest,
    ::testing::Values(std::pair{Operation::messages, R"("tool_choice":null)"},
                      std::pair{Operation::messages, R"("max_tokens":5)"},
                      std::pair{Operation::messages, R"("cache_control":{"type":"ephemeral"})"},
                      std::pair{Operation::chat_completions, R"("tool_choice":"none")"},
                      std::pair{Operation::chat_completions, R"("stream":true)"},
                      std::pair{Operation::responses, R"("text":{})"},
                      std::pair{Operation::responses, R"("instructions":null)"}));

TEST(LevelHash, DoesNotDependOnTheOrderOfMembers) {
  EXPECT_EQ(messages(R"({"thinking":{"a":1},"tool_choice":{}})").level_hash,
            messages(R"({"tool_choice":{},"thinking":{"a":1}})").level_hash);
  EXPECT_NE(messages(R"({"thinking":{"a":1},"tool_choice":{}})").level_hash,
            messages(R"({"thinking":{},"tool_choice":{"a":1}})").level_hash);
}

// --- prefixes ------------------------------------------------------------------------------------

constexpr Hash128 kSeed = {1, 2};

std::vector<Hash128> prefixes(std::string_view body) {
  return prefix_hashes(messages(body), kSeed);
}

/// How many prefixes two requests share.
std::size_t shared(const std::vector<Hash128>& a, const std::vector<Hash128>& b) {
  std::size_t count = 0;
  while (count < a.size() && count < b.size() && a[count] == b[count]) ++count;
  return count;
}

TEST(PrefixHashes, AreSharedUpToTheFirstDifference) {
  const auto first = prefixes(R"({"tools":[{"t":1}],"system":"S","messages":[)"
                              R"({"role":"user","content":"a"},{"role":"user","content":"b"}]})");
  const auto second = prefixes(R"({"tools":[{"t":1}],"system":"S","messages":[)"
                               R"({"role":"user","content":"a"},{"role":"user","content":"c"},)"
                               R"({"role":"user","content":"b"}]})");
  EXPECT_EQ(first.size(), 4u);
  EXPECT_EQ(shared(first, second), 3u);
}

TEST(PrefixHashes, DifferBehindALevelThatDiffers) {
  const auto body = [](std::string_view member) {
    return R"({"tools":[{"t":1}],"system":"S","messages":[{"role":"user","content":"a"}],)" +
           std::string(member) + "}";
  };
  const auto plain = prefixes(body(R"("x":1)"));
  EXPECT_EQ(shared(plain, prefixes(body(R"("tool_choice":{"type":"any"})"))), 2u);
  EXPECT_EQ(shared(plain, prefixes(body(R"("speed":"fast")"))), 1u);
  EXPECT_EQ(shared(plain, prefixes(body(R"("mcp_servers":[1])"))), 0u);
}

TEST(PrefixHashes, OfALevelWithoutSegmentsCountForTheNext) {
  EXPECT_NE(prefixes(R"({"messages":[{"role":"user","content":"a"}]})"),
            prefixes(R"({"messages":[{"role":"user","content":"a"}],"speed":"fast"})"));
}

TEST(PrefixHashes, DifferWithTheSeed) {
  const auto outline = messages(R"({"tools":[{"t":1}],"system":"S"})");
  EXPECT_EQ(shared(prefix_hashes(outline, kSeed), prefix_hashes(outline, {2, 1})), 0u);
}

TEST(PrefixHashes, DoNotDependOnTheOrderOfTheBodysMembers) {
  EXPECT_EQ(prefixes(R"({"system":"S","tools":[{"t":1}]})"),
            prefixes(R"({"tools":[{"t":1}],"system":"S"})"));
}

// --- bytes of text -------------------------------------------------------------------------------

TEST(TextBytes, OfTextsAreTheirs) {
  EXPECT_EQ(messages(with_blocks(R"({"type":"text","text":"abc\n","cache_control":{}})"))
                .segments[0]
                .text_bytes,
            5u);
  EXPECT_EQ(messages(R"({"system":"abc"})").segments[0].text_bytes, 3u);
}

TEST(TextBytes, OfOtherBlocksAreTheirJsonWithoutMarkers) {
  const std::string block = R"({"type":"tool_use","input":{"a":1}})";
  EXPECT_EQ(messages(with_blocks(block)).segments[0].text_bytes, block.size());
  EXPECT_EQ(messages(with_blocks(R"({"type":"tool_use","cache_control":{},"input":{"a":1}})"))
                .segments[0]
                .text_bytes,
            block.size());
}

TEST(TextBytes, LeaveOutPicturesWhereverTheyAre) {
  const std::string source = R"({"type":"base64","data":")" + std::string(5000, 'A') + "\"}";
  const auto image = R"({"type":"image","source":)" + source + "}";
  for (const auto& block : {image, R"({"type":"tool_result","content":[)" + image + "]}"}) {
    const auto segment = messages(with_blocks(block)).segments[0];
    EXPECT_EQ(segment.text_bytes, block.size() - source.size());
    EXPECT_TRUE(segment.media);
  }
}

TEST(TextBytes, HoldTheTextOfDocuments) {
  const std::string block =
      R"({"type":"document","source":{"type":"text","data":")" + std::string(5000, 'A') + "\"}}";
  const auto segment = messages(with_blocks(block)).segments[0];
  EXPECT_EQ(segment.text_bytes, block.size());
  EXPECT_FALSE(segment.media);
}

TEST(TextBytes, HoldToolCallsBesideAContent) {
  const std::string calls = R"([{"id":"c"}])";
  const auto segments = segments_of(
      Operation::chat_completions,
      R"({"messages":[{"role":"assistant","content":"abc","tool_calls":)" + calls + "}]}");
  EXPECT_EQ(segments.at(0).text_bytes, 3 + calls.size());
}

}  // namespace
}  // namespace foreword::assembler
