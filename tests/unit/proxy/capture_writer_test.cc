// What is kept for training beside the requests: within bounds, and never at their expense.
#include "proxy/capture_writer.h"

#include <gtest/gtest.h>

#include "config/limits.h"
#include "support/temp_dir.h"

namespace foreword::proxy {
namespace {

namespace limits = config::limits;

config::SealKey some_key() {
  config::SealKey key;
  key.fill(1);
  return key;
}

class CaptureWriterTest : public testing::Test {
 protected:
  cache::Capture facts() {
    cache::Capture capture;
    capture.id =
        cache::make_request_id(config::TimePoint(std::chrono::seconds(1'800'000'000)), 0, ++ids_);
    capture.label = "support";
    capture.operation = config::Operation::messages;
    return capture;
  }
  std::unique_ptr<PendingCapture> begin(std::string_view prompt) {
    return writer_->begin(facts(), prompt);
  }
  void capture(std::string_view prompt, std::string_view answer) {
    auto pending = begin(prompt);
    ASSERT_TRUE(pending);
    pending->add(answer);
    writer_->finish(std::move(pending));
  }
  std::uint64_t dropped(CaptureLoss loss) {
    return writer_->counts().dropped[static_cast<std::size_t>(loss)];
  }
  std::vector<std::string> answers() {
    writer_->flush();
    std::vector<std::string> all;
    const auto done = captures_.for_each({}, std::nullopt, [&](cache::CaptureView&& view) {
      all.push_back(view.capture ? view.capture->answer : "unreadable");
      return true;
    });
    EXPECT_TRUE(done);
    return all;
  }

  using Answers = std::vector<std::string>;
  std::uint64_t ids_ = 0;
  test::TempDir folder_;
  std::unique_ptr<cache::Store> store_ = cache::Store::open(folder_.path() / "store").value();
  cache::Captures captures_{*store_, some_key(), std::size_t{64} << 20};
  config::DistillSettings settings_{{"support"}, "KEY", std::size_t{64} << 20};
  std::optional<CaptureWriter> writer_{std::in_place, captures_, settings_};
};

TEST_F(CaptureWriterTest, WantsTheLabelsOfTheSettings) {
  EXPECT_TRUE(writer_->wants("support"));
  EXPECT_FALSE(writer_->wants("sales"));
  EXPECT_FALSE(writer_->wants(""));
}

TEST_F(CaptureWriterTest, StoresAnAnswerInAllItsPieces) {
  auto pending = begin("prompt");
  for (const auto* piece : {"in ", "", "three ", "pieces"}) pending->add(piece);
  writer_->finish(std::move(pending));
  EXPECT_EQ(answers(), (Answers{"in three pieces"}));
  EXPECT_EQ(writer_->counts().captured, 1u);
}

TEST_F(CaptureWriterTest, WritesWhatIsQueuedBeforeItEnds) {
  for (int i = 0; i < 50; ++i) capture("prompt " + std::to_string(i), "answer");
  writer_.reset();
  EXPECT_EQ(captures_.totals().value().records, 50u);
}

TEST_F(CaptureWriterTest, GivesUpAPairThatIsTooLong) {
  EXPECT_EQ(begin(std::string(limits::kMaxCaptureBytes + 1, 'x')), nullptr);
  auto pending = begin(std::string(limits::kMaxCaptureBytes - 10, 'x'));
  ASSERT_TRUE(pending);
  pending->add("0123456789");
  EXPECT_EQ(pending->loss(), std::nullopt);
  pending->add("0");
  EXPECT_EQ(pending->loss(), CaptureLoss::too_large);
  writer_->finish(std::move(pending));
  EXPECT_EQ(dropped(CaptureLoss::too_large), 2u);
  EXPECT_EQ(answers(), Answers{});
}

TEST_F(CaptureWriterTest, HoldsNoMoreThanItsMemoryAndDropsWhatGoesBeyond) {
  const std::string large(limits::kMaxCaptureBytes - 1000, 'x');
  std::vector<std::unique_ptr<PendingCapture>> under_way;
  for (auto pending = begin(large); pending; pending = begin(large)) {
    under_way.push_back(std::move(pending));
  }
  EXPECT_EQ(under_way.size(), limits::kCaptureMemoryBytes / limits::kMaxCaptureBytes);
  EXPECT_EQ(dropped(CaptureLoss::no_room), 1u);
  under_way.pop_back();
  EXPECT_TRUE(begin(large));
}

TEST_F(CaptureWriterTest, GivesBackItsMemoryAtOnceWhereItGivesUp) {
  const std::string large(limits::kMaxCaptureBytes - 1000, 'x');
  std::vector<std::unique_ptr<PendingCapture>> under_way;
  for (auto pending = begin(large); pending; pending = begin(large)) {
    under_way.push_back(std::move(pending));
  }
  under_way.back()->give_up(CaptureLoss::incomplete);
  EXPECT_TRUE(begin(large));
}

constexpr const char* kPrompt = R"({"messages":[{"role":"user","content":"a"}]})";
constexpr const char* kGood =
    R"({"content":[{"type":"text","text":"x"}],"stop_reason":"end_turn"})";
constexpr const char* kCutShort =
    R"({"content":[{"type":"text","text":"x"}],"stop_reason":"max_tokens"})";

TEST_F(CaptureWriterTest, ReplacesNoGoodAnswerByOneThatIsOfNoUse) {
  capture(kPrompt, kGood);
  capture(kPrompt, kCutShort);
  EXPECT_EQ(answers(), (Answers{kGood, kCutShort}));
  capture(kPrompt, kCutShort);
  EXPECT_EQ(answers(), (Answers{kGood, kCutShort}));
}

TEST_F(CaptureWriterTest, CountsWhatTheStoreDoesNotTake) {
  cache::Captures tiny(*store_, some_key(), 10);
  CaptureWriter writer(tiny, settings_);
  writer.finish(writer.begin(facts(), kPrompt));
  writer.flush();
  EXPECT_EQ(writer.counts().captured, 0u);
  EXPECT_EQ(writer.counts().dropped[static_cast<std::size_t>(CaptureLoss::too_large)], 1u);
}

TEST(CaptureLosses, HaveNames) {
  for (std::size_t i = 0; i < kCaptureLosses; ++i) {
    EXPECT_NE(name_of(static_cast<CaptureLoss>(i)), "unknown");
  }
}

}  // namespace
}  // namespace foreword::proxy
