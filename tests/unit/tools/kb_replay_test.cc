// `foreword kb replay`: what is read, and that the bill counts what the layers say.
#include "tools/kb_replay.h"

#include <fstream>

#include <gtest/gtest.h>

#include "support/temp_dir.h"

namespace foreword::tools {
namespace {

using assembler::Document;
using assembler::Snapshot;

std::filesystem::path write(const test::TempDir& folder, const std::string& text) {
  const auto file = folder.path() / "updates.jsonl";
  std::ofstream(file) << text;
  return file;
}

Snapshot two_documents() {
  return {std::make_shared<const Document>(Document{"a.md", std::string(5000, 'a') + "\n"}),
          std::make_shared<const Document>(Document{"b.md", std::string(5000, 'b') + "\n"})};
}

KbUpdate put(const std::string& path, const std::string& text) {
  KbUpdate update;
  update.put[path] = text;
  return update;
}

TEST(KbReplay, ReadsUpdatesWithTheDaysBetweenThem) {
  const test::TempDir folder;
  const auto updates =
      read_updates(write(folder, R"({"date":"2023-02-27","put":{"a.md":"x"},"remove":[]})"
                                 "\n"
                                 R"({"date":"2023-03-02","put":{},"remove":["a.md"]})"
                                 "\n"));
  ASSERT_TRUE(updates) << updates.error().message;
  ASSERT_EQ(updates->size(), 2u);
  EXPECT_EQ(updates->at(0).put.at("a.md"), "x");
  EXPECT_EQ(updates->at(1).days, 3);
  EXPECT_EQ(updates->at(1).remove, (std::vector<std::string>{"a.md"}));
}

TEST(KbReplay, NamesTheLineThatIsNoUpdate) {
  const test::TempDir folder;
  for (const auto* bad : {"{", "{}", R"({"date":"2023-02-30","put":{},"remove":[]})",
                          R"({"date":"2023-02-01","put":[],"remove":[]})"}) {
    const auto updates = read_updates(
        write(folder, R"({"date":"2023-02-27","put":{},"remove":[]})" + std::string("\n") + bad));
    ASSERT_FALSE(updates) << bad;
    EXPECT_NE(updates.error().message.find("line 2"), std::string::npos) << updates.error().message;
  }
}

TEST(KbReplay, PathOrderWritesFromTheFirstChangedByteOrTheBreakpointBefore) {
  const auto result = replay_simple(two_documents(), {put("b.md", std::string(5000, 'c'))},
                                    SimpleLayout::path_order, {});
  EXPECT_NEAR(result.mean_rewritten(CacheGrain::bytes), 0.5, 0.01);
  EXPECT_NEAR(result.mean_rewritten(CacheGrain::breakpoints), 2.0 / 3, 0.01);
}

TEST(KbReplay, ALayerIsWrittenWholeOrFromItsFirstChangedByteOn) {
  assembler::LayoutPolicy exact;
  exact.kind = assembler::LayoutKind::exact;
  const auto result = replay_layout(two_documents(), {put("b.md", std::string(5000, 'c'))}, exact);
  EXPECT_EQ(result.mean_rewritten(CacheGrain::breakpoints), 1);
  EXPECT_NEAR(result.mean_rewritten(CacheGrain::bytes), 0.5, 0.02);
}

TEST(KbReplay, ChangedTextIsCountedByDocumentAndBySection) {
  const Snapshot base{std::make_shared<const Document>(Document{
      "a.md", "# A\n" + std::string(2995, 'a') + "\n# B\n" + std::string(995, 'b') + "\n"})};
  const auto changed = changed_text(
      base,
      {put("a.md", "# A\n" + std::string(2995, 'a') + "\n# B\n" + std::string(995, 'c') + "\n")});
  EXPECT_NEAR(changed.of_documents, 1, 0.001);
  EXPECT_NEAR(changed.of_sections, 0.25, 0.001);
}

TEST(KbReplay, AnOverlayWritesOnlyWhatChanged) {
  const auto result = replay_layout(two_documents(), {put("c.md", "# C\nshort\n")}, {});
  EXPECT_LT(result.mean_rewritten(CacheGrain::breakpoints), 0.07);
  EXPECT_EQ(result.max_stale(), 0);
}

TEST(KbReplay, ChecksThatEachVersionTellsWhatIsCurrent) {
  for (const auto kind : {assembler::LayoutKind::overlay, assembler::LayoutKind::exact}) {
    assembler::LayoutPolicy policy;
    policy.kind = kind;
    const auto result = replay_layout(
        two_documents(), {put("c.md", "# C\n<document>\n"), put("b.md", "b </source>\n")}, policy);
    EXPECT_EQ(result.told_right, 3u);
    EXPECT_EQ(result.told_wrong, "");
  }
}

TEST(KbReplay, AnUpdateThatChangesNothingWritesNothing) {
  const auto result = replay_layout(two_documents(), {put("a.md", std::string(5000, 'a'))}, {});
  EXPECT_EQ(result.mean_rewritten(CacheGrain::breakpoints), 0);
}

TEST(KbReplay, TheBillIsOfWritesAndReads) {
  assembler::LayoutPolicy policy;
  policy.requests_per_day = 10;
  const auto result = replay_simple(two_documents(), {put("b.md", std::string(5000, 'c'))},
                                    SimpleLayout::path_order, policy);
  const auto& step = result.steps.at(0);
  const double text = 10'002;
  EXPECT_NEAR(result.bill(CacheGrain::bytes),
              1.25 * static_cast<double>(step.rewritten_from_byte) / text +
                  0.1 * 10 * static_cast<double>(step.total) / text,
              0.01);
}

}  // namespace
}  // namespace foreword::tools
