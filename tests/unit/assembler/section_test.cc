#include "assembler/section.h"

#include <string>

#include <gtest/gtest.h>

namespace foreword::assembler {
namespace {

using Sections = std::vector<std::string_view>;

TEST(SectionTest, AHeadingBeginsOne) {
  EXPECT_EQ(split_sections("Intro\n# A\na\n### B\nb\n"),
            (Sections{"Intro\n", "# A\na\n", "### B\nb\n"}));
}

TEST(SectionTest, WhatIsNoHeadingDoesNot) {
  EXPECT_EQ(split_sections("# A\n#tag\n####### seven\n").size(), 1u);
}

TEST(SectionTest, FencedCodeIsNotLookedInto) {
  EXPECT_EQ(split_sections("# A\n```sh\n# comment\n```\n# B\n").size(), 2u);
  EXPECT_EQ(split_sections("~~~\n# comment\n").size(), 1u);
}

TEST(SectionTest, ALongOneIsCutAtABlankLine) {
  const std::string paragraph = std::string(kLongSectionBytes, 'x') + "\n\n";
  const auto text = "# A\n" + paragraph + paragraph + "end\n";
  const auto sections = split_sections(text);
  ASSERT_EQ(sections.size(), 3u);
  EXPECT_EQ(sections[0], "# A\n" + paragraph);
  EXPECT_EQ(sections[2], "end\n");
}

TEST(SectionTest, NothingHasNone) {
  EXPECT_TRUE(split_sections("").empty());
}

TEST(SectionTest, ALastLineWithoutItsEndIsKept) {
  EXPECT_EQ(split_sections("# A\n# B"), (Sections{"# A\n", "# B"}));
}

TEST(SectionTest, IsCalledByItsFirstLineThatSaysSomething) {
  EXPECT_EQ(section_title("\n\n## Leave\ntext\n"), "## Leave");
  EXPECT_EQ(section_title(" \n"), "");
}

TEST(SectionTest, ALongTitleIsCutBetweenCharacters) {
  const std::string title = std::string(99, 'x') + "\xC3\xA9";
  EXPECT_EQ(section_title(title + "\n"), std::string(99, 'x'));
}

}  // namespace
}  // namespace foreword::assembler
