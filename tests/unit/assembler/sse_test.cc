#include "assembler/sse.h"

#include <array>
#include <functional>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

namespace foreword::assembler {
namespace {

struct Event {
  std::string type;
  std::string data;
  std::string raw;
  bool operator==(const Event&) const = default;
};

void PrintTo(const Event& event, std::ostream* out) {
  *out << "{" << event.type << "|" << event.data << "|" << ::testing::PrintToString(event.raw)
       << "}";
}

class SseTest : public ::testing::Test {
 protected:
  void feed(std::string_view bytes) {
    splitter_.feed(bytes, [this](const SseEvent& event) {
      all_ += event.raw;
      if (event.oversized) {
        oversized_ += event.raw;
      } else {
        events_.push_back(
            {std::string(event.type), std::string(event.data), std::string(event.raw)});
      }
    });
  }

  SseSplitter splitter_{64};
  std::vector<Event> events_;
  std::string all_;
  std::string oversized_;
};

TEST_F(SseTest, TypeAndData) {
  feed("event: ping\ndata: {}\n\n");
  EXPECT_EQ(events_, (std::vector<Event>{{"ping", "{}", "event: ping\ndata: {}\n\n"}}));
}

TEST_F(SseTest, AnEventIsHandedOnWithItsLastByte) {
  feed("data: a\n");
  EXPECT_TRUE(events_.empty());
  EXPECT_EQ(splitter_.pending(), "data: a\n");
  feed("\n");
  EXPECT_EQ(events_.size(), 1u);
  EXPECT_EQ(splitter_.pending(), "");
}

TEST_F(SseTest, AnEventWithCrlfIsHandedOnWithItsLastByte) {
  feed("data: a\r\n\r");
  EXPECT_TRUE(events_.empty());
  feed("\n");
  EXPECT_EQ(events_, (std::vector<Event>{{"", "a", "data: a\r\n\r\n"}}));
}

TEST_F(SseTest, AnEventWithCrIsHandedOnWithItsLastByte) {
  feed("data: a\r\r");
  EXPECT_EQ(events_, (std::vector<Event>{{"", "a", "data: a\r\r"}}));
}

TEST_F(SseTest, AnEventWithCrBehindOnesWithCrlfDoesNotWaitEither) {
  feed("data: a\r\n\r\ndata: b\r\r");
  EXPECT_EQ(events_.size(), 2u);
}

TEST_F(SseTest, DataLinesAreJoinedByLineFeeds) {
  feed("data: a\r\ndata:b\ndata\rdata:  c\n\n");
  ASSERT_EQ(events_.size(), 1u);
  EXPECT_EQ(events_[0].data, "a\nb\n\n c");
}

TEST_F(SseTest, OtherFieldsAndCommentsAreNoData) {
  feed(": hello\nid: 7\nretry: 10\ndatabase: x\n\n");
  EXPECT_EQ(events_, (std::vector<Event>{{"", "", ": hello\nid: 7\nretry: 10\ndatabase: x\n\n"}}));
}

TEST_F(SseTest, LoneBlankLinesKeepTheirBytes) {
  feed("\n\r\n\rdata: a\n\n");
  EXPECT_EQ(all_ + std::string(splitter_.pending()), "\n\r\n\rdata: a\n\n");
  EXPECT_EQ(events_.back().data, "a");
}

TEST_F(SseTest, AByteOrderMarkInFrontIsNoPartOfTheName) {
  feed(
      "\xEF\xBB\xBF"
      "data: a\n\n");
  EXPECT_EQ(events_[0].data, "a");
}

TEST_F(SseTest, AByteOrderMarkFurtherOnBelongsToTheLine) {
  feed(
      "data: a\n\n\xEF\xBB\xBF"
      "data: b\n\n");
  ASSERT_EQ(events_.size(), 2u);
  EXPECT_EQ(events_[1].data, "");
}

TEST_F(SseTest, AnEventAboveTheLimitIsHandedOnInPieces) {
  const std::string large = "data: " + std::string(100, 'x') + "\n\n";
  feed("data: a\n\n" + large + "data: b\n\n");
  EXPECT_EQ(oversized_, large);
  EXPECT_TRUE(splitter_.overflowed());
  ASSERT_EQ(events_.size(), 2u);
  EXPECT_EQ(events_[1].data, "b");
}

TEST_F(SseTest, AnEventAboveTheLimitIsNotHeld) {
  feed("data: " + std::string(50, 'x'));
  EXPECT_EQ(splitter_.pending().size(), 56u);
  feed(std::string(50, 'x'));
  EXPECT_EQ(splitter_.pending(), "");
  feed("\n\ndata: b\n\n");
  EXPECT_EQ(oversized_, "data: " + std::string(100, 'x') + "\n\n");
  EXPECT_EQ(events_, (std::vector<Event>{{"", "b", "data: b\n\n"}}));
}

TEST_F(SseTest, AnEventOfExactlyTheLimitIsWhole) {
  feed("data: " + std::string(56, 'x') + "\n\n");
  EXPECT_FALSE(splitter_.overflowed());
  EXPECT_EQ(events_.size(), 1u);
}

struct Split {
  std::vector<Event> events;
  std::string oversized;
  std::string pending;
  bool operator==(const Split&) const = default;
};

/// `next_size` says how many bytes each piece has.
Split split(std::string_view bytes, const std::function<std::size_t()>& next_size) {
  SseSplitter splitter(64);
  Split result;
  while (!bytes.empty()) {
    const auto piece = bytes.substr(0, next_size());
    bytes.remove_prefix(piece.size());
    splitter.feed(piece, [&](const SseEvent& event) {
      if (event.oversized) {
        result.oversized += event.raw;
      } else {
        result.events.push_back(
            {std::string(event.type), std::string(event.data), std::string(event.raw)});
      }
    });
  }
  result.pending = splitter.pending();
  return result;
}

std::string random_stream(std::mt19937& random) {
  static constexpr std::array<std::string_view, 10> kParts = {
      "data: one", "event: two",
      ": note",    "\n",
      "\n",        "\r\n",
      "\r\n",      "\r",
      "data",      "data: a line that is a good deal longer than the others and fills the limit"};
  std::string stream;
  for (int i = 0; i < 40; ++i) stream += kParts[random() % kParts.size()];
  return stream;
}

class SsePiecesTest : public ::testing::TestWithParam<unsigned> {};

TEST_P(SsePiecesTest, PiecesDoNotMatter) {
  std::mt19937 random(GetParam());
  for (int i = 0; i < 200; ++i) {
    const auto stream = random_stream(random);
    const auto whole = split(stream, [] { return std::string::npos; });
    ASSERT_EQ(split(stream, [] { return 1; }), whole) << ::testing::PrintToString(stream);
    ASSERT_EQ(split(stream, [&] { return random() % 7 + 1; }), whole)
        << ::testing::PrintToString(stream);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, SsePiecesTest, ::testing::Range(1u, 6u));

/// The same three events with each kind of line end.
TEST(SseLineEnds, EveryKindGivesTheSameEvents) {
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    const auto stream =
        "event: a" + end + "data: 1" + end + end + "data: 2" + end + end + ": x" + end + end;
    const auto result = split(stream, [] { return 3; });
    ASSERT_EQ(result.events.size(), 3u) << ::testing::PrintToString(end);
    EXPECT_EQ(std::tie(result.events[0].type, result.events[0].data), std::make_tuple("a", "1"));
    EXPECT_EQ(result.events[1].data, "2");
    EXPECT_EQ(result.pending, "");
  }
}

}  // namespace
}  // namespace foreword::assembler
