// What is kept for training: each prompt once, sealed, bounded, and gone when it is to be.
#include "cache/captures.h"

#include <fstream>
#include <sstream>

#include "unit/cache/store_fixture.h"

namespace foreword::cache::test {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMiB = std::size_t{1} << 20;

config::SealKey key_of(std::uint8_t byte) {
  config::SealKey key;
  key.fill(byte);
  return key;
}

config::TimePoint at(int second) {
  return config::TimePoint(std::chrono::seconds(1'800'000'000 + second));
}

/// That zlib cannot pack.
std::string noise(std::size_t bytes, std::uint32_t state) {
  std::string text(bytes, '\0');
  for (auto& c : text) {
    state = state * 1'664'525u + 1'013'904'223u;
    c = static_cast<char>(state >> 24);
  }
  return text;
}

class CapturesTest : public StoreFixture {
 protected:
  Capture capture(int second, std::string prompt, std::string answer,
                  std::string label = "support") {
    Capture made;
    made.id = make_request_id(at(second), 0, static_cast<std::uint64_t>(second));
    made.label = std::move(label);
    made.operation = config::Operation::messages;
    made.model = "claude-sonnet-5-5";
    made.prompt = std::move(prompt);
    made.answer = std::move(answer);
    return made;
  }
  bool add(Captures& captures, const Capture& made) {
    return captures.add(made, made.prompt).value();
  }
  /// "prompt>answer" of each, oldest first.
  std::vector<std::string> texts(const Captures& captures, const CaptureSelection& which = {},
                                 const std::optional<RequestId>& first = std::nullopt) {
    std::vector<std::string> all;
    const auto done = captures.for_each(which, first, [&](CaptureView&& view) {
      if (view.other_label) return true;
      all.push_back(!view.capture ? view.other_key ? "other key" : "damaged"
                    : view.capture->prompt.size() > 100
                        ? std::to_string(view.capture->prompt.size())
                        : view.capture->prompt + ">" + view.capture->answer);
      return true;
    });
    EXPECT_TRUE(done);
    return all;
  }
  std::string all_files() {
    std::ostringstream text;
    for (const auto& file : std::filesystem::recursive_directory_iterator(path())) {
      if (file.is_regular_file()) text << std::ifstream(file.path(), std::ios::binary).rdbuf();
    }
    return text.str();
  }

  using Texts = std::vector<std::string>;
  Captures captures_{store(), key_of(1), kMiB};
};

TEST_F(CapturesTest, GivesBackWhatItWasGiven) {
  auto made = capture(1, "prompt", "answer");
  made.events = true;
  ASSERT_TRUE(add(captures_, made));
  std::optional<Capture> found;
  const auto done = captures_.for_each({}, std::nullopt, [&](CaptureView&& view) {
    found = std::move(view.capture);
    return true;
  });
  ASSERT_TRUE(done);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, made.id);
  EXPECT_EQ(found->label, "support");
  EXPECT_EQ(found->operation, config::Operation::messages);
  EXPECT_EQ(found->model, "claude-sonnet-5-5");
  EXPECT_TRUE(found->events);
  EXPECT_EQ(found->prompt, "prompt");
  EXPECT_EQ(found->answer, "answer");
}

TEST_F(CapturesTest, KeepsTheLatestAnswerOfAPrompt) {
  add(captures_, capture(1, "a", "first"));
  add(captures_, capture(2, "b", "other"));
  add(captures_, capture(3, "a", "second"));
  EXPECT_EQ(texts(captures_), (Texts{"b>other", "a>second"}));
  EXPECT_EQ(captures_.totals().value().records, 2u);
}

TEST_F(CapturesTest, KeepsAPromptOfEachLabel) {
  add(captures_, capture(1, "a", "x", "support"));
  add(captures_, capture(2, "a", "y", "sales"));
  EXPECT_EQ(texts(captures_), (Texts{"a>x", "a>y"}));
  const auto totals = captures_.totals().value();
  EXPECT_EQ(totals.by_label.at("support"), 1u);
  EXPECT_EQ(totals.by_label.at("sales"), 1u);
}

TEST_F(CapturesTest, FindsByLabelTimeAndId) {
  for (int i = 0; i < 4; ++i) {
    add(captures_, capture(i, std::to_string(i), "x", i % 2 == 0 ? "even" : "odd"));
  }
  EXPECT_EQ(texts(captures_, {{}, "odd"}), (Texts{"1>x", "3>x"}));
  EXPECT_EQ(texts(captures_, {{at(1), at(3)}, std::nullopt}), (Texts{"1>x", "2>x"}));
  EXPECT_EQ(texts(captures_, {}, first_id_at(at(2))), (Texts{"2>x", "3>x"}));
  EXPECT_EQ(texts(captures_, {{at(3), std::nullopt}, std::nullopt}, first_id_at(at(2))),
            (Texts{"3>x"}));
}

TEST_F(CapturesTest, LetsTheOldestGoWhereThereIsNoRoom) {
  const std::size_t third = kMiB / 3;
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(add(captures_, capture(i, noise(third - 10'000, i), std::to_string(i))));
  }
  EXPECT_EQ(texts(captures_).size(), 3u);
  const auto totals = captures_.totals().value();
  EXPECT_EQ(totals.records, 3u);
  EXPECT_LE(totals.bytes, kMiB);
}

TEST_F(CapturesTest, CountsWhatWasThereBeforeARestart) {
  for (int i = 0; i < 3; ++i) {
    add(captures_, capture(i, noise(kMiB / 3 - 10'000, i), "x"));
  }
  Captures again(store(), key_of(1), kMiB);
  add(again, capture(3, noise(kMiB / 2, 3), "x"));
  EXPECT_EQ(texts(again), (Texts{std::to_string(kMiB / 3 - 10'000), std::to_string(kMiB / 2)}));
}

TEST_F(CapturesTest, ReplacesAPromptWithoutPushingOthersOut) {
  const auto half = noise(kMiB / 2 - 10'000, 1);
  add(captures_, capture(1, "a", "x"));
  add(captures_, capture(2, half, "x"));
  add(captures_, capture(3, half, "y"));
  EXPECT_EQ(texts(captures_), (Texts{"a>x", std::to_string(half.size())}));
}

TEST_F(CapturesTest, TakesNothingLargerThanAllMayBe) {
  add(captures_, capture(1, "a", "x"));
  EXPECT_FALSE(add(captures_, capture(2, noise(kMiB + 1, 1), "x")));
  EXPECT_EQ(texts(captures_), (Texts{"a>x"}));
}

TEST_F(CapturesTest, RemovesWhatIsSelectedAndItsPlaceInTheIndex) {
  add(captures_, capture(1, "a", "x", "support"));
  add(captures_, capture(2, "b", "x", "sales"));
  EXPECT_EQ(captures_.remove({{}, "sales"}).value(), 1u);
  EXPECT_EQ(texts(captures_), (Texts{"a>x"}));
  EXPECT_EQ(captures_.remove({}).value(), 1u);
  EXPECT_EQ(count(Family::captures), 0u);
  EXPECT_EQ(count(Family::capture_index), 0u);
}

TEST_F(CapturesTest, RemovesThousandsInSteps) {
  for (int i = 0; i < 2500; ++i) {
    add(captures_, capture(i, std::to_string(i), "x", i % 500 == 0 ? "few" : "support"));
  }
  EXPECT_EQ(captures_.remove({{at(0), at(1)}, std::nullopt}).value(), 1u);
  EXPECT_EQ(captures_.remove({{}, "few"}).value(), 4u);
  EXPECT_EQ(captures_.remove({{}, "support"}).value(), 2495u);
  EXPECT_EQ(count(Family::captures), 0u);
  EXPECT_EQ(count(Family::capture_index), 0u);
}

TEST_F(CapturesTest, HasRoomForWhatWasRemoved) {
  add(captures_, capture(1, noise(kMiB - 10'000, 1), "x"));
  EXPECT_EQ(captures_.remove({}).value(), 1u);
  add(captures_, capture(2, "a", "x"));
  add(captures_, capture(3, noise(kMiB - 10'000, 1), "x"));
  EXPECT_EQ(texts(captures_), (Texts{"a>x", std::to_string(kMiB - 10'000)}));
}

TEST_F(CapturesTest, WithAnotherKeyCountsAndRemovesButOpensNothing) {
  add(captures_, capture(1, "a", "x"));
  Captures other(store(), key_of(2), kMiB);
  EXPECT_EQ(texts(other), (Texts{"other key"}));
  add(other, capture(2, "a", "y"));
  EXPECT_EQ(texts(other), (Texts{"other key", "a>y"}));
  EXPECT_EQ(other.totals().value().other_key, 1u);
  EXPECT_EQ(other.remove({}).value(), 2u);
}

TEST_F(CapturesTest, WithoutAKeyCountsAndRemoves) {
  add(captures_, capture(1, "a", "x"));
  Captures locked(store(), std::nullopt, kMiB);
  EXPECT_FALSE(locked.has_key());
  EXPECT_EQ(locked.totals().value().other_key, 1u);
  EXPECT_EQ(texts(locked), (Texts{"other key"}));
  EXPECT_EQ(locked.remove({}).value(), 1u);
}

TEST_F(CapturesTest, SaysWhatIsDamaged) {
  add(captures_, capture(1, "a", "x"));
  std::string key;
  std::string value;
  const auto scanned = store().scan(Family::captures, {}, {}, [&](auto k, auto v) {
    key = k;
    value = v;
    return false;
  });
  ASSERT_TRUE(scanned);
  value.back() = static_cast<char>(value.back() ^ 1);
  put(Family::captures, key, value);
  EXPECT_EQ(texts(captures_), (Texts{"damaged"}));
  EXPECT_EQ(captures_.remove({}).value(), 1u);
  EXPECT_EQ(texts(captures_), Texts{});
}

TEST_F(CapturesTest, PassesNoRecordForAnother) {
  add(captures_, capture(1, "a", "x"));
  std::string value;
  const auto scanned = store().scan(Family::captures, {}, {}, [&](auto, auto v) {
    value = v;
    return false;
  });
  ASSERT_TRUE(scanned);
  const auto other = first_id_at(at(7));
  put(Family::captures, std::string(other.bytes.begin(), other.bytes.end()), value);
  EXPECT_EQ(texts(captures_), (Texts{"a>x", "damaged"}));
}

TEST_F(CapturesTest, ShowsThoseOfOtherLabelsUnopenedSoThatALookCanEnd) {
  auto made = capture(1, "a", "x");
  made.label = "other";
  add(captures_, made);
  add(captures_, capture(2, "b", "y"));
  CaptureSelection selection;
  selection.label = "support";
  std::vector<std::pair<bool, bool>> seen;  // of another label, opened
  const auto done = captures_.for_each(selection, std::nullopt, [&](CaptureView&& view) {
    seen.emplace_back(view.other_label, view.capture.has_value());
    return true;
  });
  EXPECT_TRUE(done);
  EXPECT_EQ(seen, (std::vector<std::pair<bool, bool>>{{true, false}, {false, true}}));
}

TEST_F(CapturesTest, LeavesNoTextOnTheDisk) {
  auto made = capture(1, "a secret question", "a secret answer");
  made.model = "a secret model";  // which is not packed before it is sealed
  add(captures_, made);
  close();
  const auto files = all_files();
  EXPECT_NE(files.find("support"), std::string::npos);  // what the ledger has of it too
  EXPECT_EQ(files.find("secret"), std::string::npos);
  EXPECT_EQ(files.find(std::string(32, '\1')), std::string::npos);
  open();
}

}  // namespace
}  // namespace foreword::cache::test
