#include "proxy/answer_meter.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <zlib.h>

namespace foreword::proxy {
namespace {

using config::Operation;
using config::TokenClass;

const std::string kJson =
    R"({"model":"gpt-5.5","usage":{"prompt_tokens":100,"completion_tokens":7,)"
    R"("prompt_tokens_details":{"cached_tokens":60}}})";

std::string gzip(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::vector<unsigned char> in(text.begin(), text.end());
  std::string out(text.size() + 100, '\0');
  stream.next_in = in.data();
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<unsigned char*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  return out;
}

AnswerMeter metered(const std::string& body, Fields fields) {
  ResponseHead head;
  head.status = 200;
  head.fields = std::move(fields);
  AnswerMeter meter(Operation::chat_completions, false);
  meter.on_head(head);
  for (const char byte : body) meter.feed(std::string_view(&byte, 1));
  meter.finish();
  return meter;
}

TEST(AnswerMeter, ReadsUsageOutOfJson) {
  const auto meter = metered(kJson, {{"Content-Type", "application/json"}});
  EXPECT_EQ(meter.usage()->usage().counts[TokenClass::input], 40u);
  EXPECT_EQ(meter.usage()->usage().counts[TokenClass::cache_read], 60u);
}

TEST(AnswerMeter, ReadsUsageOutOfACompressedAnswer) {
  const auto meter = metered(gzip(kJson), {{"content-encoding", "gzip"}});
  EXPECT_EQ(meter.usage()->usage().counts.total(), 107u);
}

TEST(AnswerMeter, HasNoUsageOfACodingThatItCannotUndo) {
  EXPECT_EQ(metered(kJson, {{"content-encoding", "br"}}).usage(), nullptr);
}

TEST(AnswerMeter, SurvivesWhatOnlyClaimsToBeCompressed) {
  EXPECT_FALSE(metered("not gzip at all", {{"content-encoding", "gzip"}}).usage()->has_usage());
}

TEST(AnswerMeter, EditsOnlyTheStreamsThatWereAskedForTheirUsage) {
  ResponseHead head;
  head.status = 200;
  head.fields = {{"content-type", "text/event-stream"}};
  AnswerMeter asked(Operation::chat_completions, true);
  asked.on_head(head);
  EXPECT_TRUE(asked.edits());
  AnswerMeter not_asked(Operation::chat_completions, false);
  not_asked.on_head(head);
  EXPECT_FALSE(not_asked.edits());
}

}  // namespace
}  // namespace foreword::proxy
