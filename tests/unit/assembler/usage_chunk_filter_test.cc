#include "assembler/usage_chunk_filter.h"

#include <gtest/gtest.h>

namespace foreword::assembler {
namespace {

const std::string kText =
    "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}],\"usage\":null}\n\n";
const std::string kUsage =
    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}\n\n";
const std::string kDone = "data: [DONE]\n\n";

/// What is left of a stream that comes in pieces of this size.
std::string filtered(std::string_view stream, std::size_t piece_bytes = std::string::npos) {
  UsageChunkFilter filter;
  std::string out;
  while (!stream.empty()) {
    out += filter.feed(stream.substr(0, piece_bytes));
    stream.remove_prefix(std::min(piece_bytes, stream.size()));
  }
  out += filter.finish();
  return out;
}

TEST(UsageChunkFilterTest, TheUsageChunkIsTakenOut) {
  EXPECT_EQ(filtered(kText + kUsage + kDone), kText + kDone);
}

TEST(UsageChunkFilterTest, PiecesDoNotMatter) {
  const auto stream = kText + kUsage + kDone;
  for (std::size_t size = 1; size < stream.size(); ++size) {
    ASSERT_EQ(filtered(stream, size), kText + kDone) << size;
  }
}

TEST(UsageChunkFilterTest, EveryKindOfLineEnd) {
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    const auto with_end = [&](const std::string& event) {
      return event.substr(0, event.size() - 2) + end + end;
    };
    EXPECT_EQ(filtered(with_end(kText) + with_end(kUsage) + with_end(kDone), 5),
              with_end(kText) + with_end(kDone));
  }
}

TEST(UsageChunkFilterTest, AnEventPassesWithItsLastByte) {
  UsageChunkFilter filter;
  EXPECT_EQ(filter.feed(kText.substr(0, kText.size() - 1)), "");
  EXPECT_EQ(filter.feed("\n"), kText);
  EXPECT_EQ(filter.finish(), "");
}

TEST(UsageChunkFilterTest, ChunksThatOnlyLookLikeItPass) {
  for (const std::string data :
       {R"({"choices":[],"prompt_filter_results":[{}],"usage":null})",
        R"({"choices":[{"delta":{}}],"usage":{"prompt_tokens":1}})",
        R"({"usage":{"prompt_tokens":1}})", R"({"choices":{},"usage":{}})",
        R"({"choices":[],"text":"\"usage\":{}"})", R"({"choices":[],"usage":{})",
        R"([{"choices":[],"usage":{}}])", R"("usage")"}) {
    const auto stream = "data: " + data + "\n\n";
    EXPECT_EQ(filtered(stream), stream);
  }
}

TEST(UsageChunkFilterTest, MembersInAnotherOrder) {
  EXPECT_EQ(filtered("data: {\"usage\":{\"x\":1},\"id\":\"i\",\"choices\":[ ]}\n\n"), "");
}

TEST(UsageChunkFilterTest, CommentsAndErrorsPass) {
  const std::string stream = ": keep-alive\n\nevent: error\ndata: {\"error\":{}}\n\n\n";
  EXPECT_EQ(filtered(stream), stream);
}

TEST(UsageChunkFilterTest, ACutStreamKeepsItsLastBytes) {
  EXPECT_EQ(filtered(kText + "data: {\"choices\":[],\"usa"), kText + "data: {\"choices\":[],\"usa");
}

TEST(UsageChunkFilterTest, AHugeEventPassesWithoutBeingHeld) {
  UsageChunkFilter filter;
  const std::string begin =
      "data: {\"choices\":[],\"usage\":{},\"x\":\"" + std::string(1u << 17, 'x');
  EXPECT_EQ(filter.feed(begin), begin);
  EXPECT_EQ(filter.feed("\"}\n\n" + kUsage + kDone), "\"}\n\n" + kDone);
}

}  // namespace
}  // namespace foreword::assembler
