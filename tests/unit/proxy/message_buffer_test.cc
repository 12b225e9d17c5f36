#include "proxy/message_buffer.h"

#include <cstring>

#include <gtest/gtest.h>

namespace foreword::proxy {
namespace {

using Status = std::optional<ReadStatus>;
constexpr std::size_t kMaxHead = 4096;

class RequestBytes : public testing::Test {
 protected:
  void arrives(std::string_view bytes) {
    const auto room = buffer_.room();
    ASSERT_GE(room.size(), bytes.size());
    std::memcpy(room.data(), bytes.data(), bytes.size());
    buffer_.received(bytes.size());
  }
  [[nodiscard]] const RequestHead& head() const { return buffer_.head(); }
  [[nodiscard]] std::string body() {
    std::string all;
    for (const auto& event : buffer_.events()) all += event.data;
    return all;
  }

  BlockPool pool_;
  MessageBuffer<true> buffer_{pool_, kMaxHead};
};

TEST_F(RequestBytes, AHeadIsAwaitedUntilItIsWhole) {
  buffer_.start_head(true);
  EXPECT_EQ(buffer_.parse_head(), Status());
  arrives("GET /a HTTP/1.1\r\nHost: x\r\n");
  EXPECT_EQ(buffer_.parse_head(), Status());
  arrives("\r\n");
  EXPECT_EQ(buffer_.parse_head(), ReadStatus::ok);
  EXPECT_EQ(head().target, "/a");
  EXPECT_EQ(buffer_.parse_body(), ReadStatus::done);
}

TEST_F(RequestBytes, WhatCanNeverBecomeAHeadIsNotWaitedFor) {
  buffer_.start_head(true);
  arrives("GET / HTTP/1.1\n\n");
  EXPECT_EQ(buffer_.parse_head(), ReadStatus::malformed);
  buffer_.start_head(true);
  arrives(std::string(kMaxHead, 'a'));
  EXPECT_EQ(buffer_.parse_head(), ReadStatus::too_large);
}

TEST_F(RequestBytes, TheHeadsViewsOutliveItsBody) {
  buffer_.start_head(true);
  arrives("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab");
  EXPECT_EQ(buffer_.parse_head(), ReadStatus::ok);
  EXPECT_EQ(buffer_.parse_body(), ReadStatus::ok);
  EXPECT_EQ(body(), "ab");
  EXPECT_EQ(buffer_.parse_body(), Status());
  arrives("cd");
  EXPECT_EQ(buffer_.parse_body(), ReadStatus::done);
  EXPECT_EQ(body(), "cd");
  EXPECT_EQ(head().fields[0].value, "x");
}

TEST_F(RequestBytes, WhatComesBehindAMessageIsTheNextOne) {
  buffer_.start_head(true);
  arrives("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(buffer_.parse_head(), ReadStatus::ok);
  EXPECT_EQ(buffer_.parse_body(), ReadStatus::done);
  EXPECT_TRUE(buffer_.has_unread());
  buffer_.start_head(true);
  EXPECT_EQ(buffer_.parse_head(), ReadStatus::ok);
  EXPECT_EQ(head().target, "/2");
}

TEST_F(RequestBytes, NoBlockIsHeldBetweenMessages) {
  buffer_.start_head(true);
  arrives("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(buffer_.parse_head(), ReadStatus::ok);
  EXPECT_TRUE(buffer_.holds_block());
  buffer_.start_message();
  EXPECT_FALSE(buffer_.holds_block());
}

TEST_F(RequestBytes, ABlockOfTheSmallestChunksIsTakenOutInParts) {
  buffer_.start_head(true);
  arrives("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  EXPECT_EQ(buffer_.parse_head(), ReadStatus::ok);
  std::string chunks;
  for (int i = 0; i < 10'000; ++i) chunks += "1\r\na\r\n";
  arrives(chunks + "0\r\n\r\n");
  std::string all;
  auto status = Status(ReadStatus::ok);
  while (status == ReadStatus::ok) {
    status = buffer_.parse_body();
    all += body();
    EXPECT_LE(buffer_.events().capacity(), 2 * config::limits::kMaxBodyEvents);
  }
  EXPECT_EQ(status, ReadStatus::done);
  EXPECT_EQ(all, std::string(10'000, 'a'));
}

TEST_F(RequestBytes, AChunkLineThatFillsTheBlockIsRefused) {
  buffer_.start_head(true);
  arrives("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;");
  EXPECT_EQ(buffer_.parse_head(), ReadStatus::ok);
  EXPECT_EQ(buffer_.parse_body(), Status());
  arrives(std::string(buffer_.room().size(), 'a'));
  EXPECT_EQ(buffer_.parse_body(), ReadStatus::malformed);
}

TEST(ResponseBytes, BetweenTheChunksOfAStreamNoBlockIsHeld) {
  BlockPool pool;
  MessageBuffer<false> buffer(pool, kMaxHead);
  const auto arrives = [&buffer](std::string_view bytes) {
    std::memcpy(buffer.room().data(), bytes.data(), bytes.size());
    buffer.received(bytes.size());
  };
  buffer.start_head(true);
  arrives("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n");
  ASSERT_EQ(buffer.parse_head(), ReadStatus::ok);
  ASSERT_EQ(buffer.parse_body(), ReadStatus::ok);
  buffer.drop_head();
  EXPECT_FALSE(buffer.holds_block());
  ASSERT_EQ(buffer.parse_body(), Status());
  arrives("4\r\nnext\r\n0\r\n\r\n");
  EXPECT_EQ(buffer.parse_body(), ReadStatus::done);
  ASSERT_EQ(buffer.events().size(), 3u);
  EXPECT_EQ(buffer.events()[1].data, "next");
}

TEST(ResponseBytes, WithoutALengthTheConnectionsEndIsTheBodys) {
  BlockPool pool;
  for (const std::string_view framing : {"", "Content-Length: 9\r\n"}) {
    MessageBuffer<false> buffer(pool, kMaxHead);
    const auto bytes = "HTTP/1.1 200 OK\r\n" + std::string(framing) + "\r\nab";
    buffer.start_head(true);
    std::memcpy(buffer.room().data(), bytes.data(), bytes.size());
    buffer.received(bytes.size());
    EXPECT_EQ(buffer.parse_head(), ReadStatus::ok);
    EXPECT_EQ(buffer.parse_body(), ReadStatus::ok);
    EXPECT_EQ(buffer.parse_body(), Status());
    EXPECT_EQ(buffer.end_body(), framing.empty() ? ReadStatus::done : ReadStatus::cut);
  }
}

}  // namespace
}  // namespace foreword::proxy
