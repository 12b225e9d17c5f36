// DOCX to text: styles make headings and lists, and archives cannot unpack without end.
#include <gtest/gtest.h>

#include "assembler/document.h"
#include "tools/extract/extract.h"
#include "unit/tools/file_makers.h"

namespace foreword::tools {
namespace {

std::string text_of(const std::string& docx) {
  const auto text = extract_docx(docx);
  if (!text) return "Error: " + text.error().message;
  const auto normalised = assembler::normalise_text(*text);
  return normalised ? *normalised : "Error: " + normalised.error().message;
}

std::string paragraph(std::string_view text, std::string_view properties = "") {
  return "<w:p><w:pPr>" + std::string(properties) + "</w:pPr><w:r><w:t>" + std::string(text) +
         "</w:t></w:r></w:p>";
}

std::string list_item(std::string_view text, int depth, int list) {
  return paragraph(text, "<w:numPr><w:ilvl w:val=\"" + std::to_string(depth) +
                             "\"/><w:numId w:val=\"" + std::to_string(list) + "\"/></w:numPr>");
}

TEST(ExtractDocxTest, HeadingsComeFromStyles) {
  const std::string styles =
      R"(<w:styles xmlns:w="w"><w:style w:styleId="Kop"><w:name w:val="heading 2"/></w:style>)"
      R"(<w:style w:styleId="Mine"><w:name w:val="Mine"/><w:basedOn w:val="Kop"/></w:style>)"
      R"(<w:style w:styleId="Loop"><w:name w:val="l"/><w:basedOn w:val="Loop"/></w:style>)"
      R"(<w:style w:styleId="T"><w:name w:val="Title"/></w:style></w:styles>)";
  EXPECT_EQ(text_of(test::make_docx(paragraph("Leave", R"(<w:pStyle w:val="T"/>)") +
                                        paragraph("How", R"(<w:pStyle w:val="Kop"/>)") +
                                        paragraph("Where", R"(<w:pStyle w:val="Mine"/>)") +
                                        paragraph("Text.", R"(<w:pStyle w:val="Loop"/>)"),
                                    {{"word/styles.xml", styles}})),
            "# Leave\n\n## How\n\n## Where\n\nText.\n");
}

TEST(ExtractDocxTest, RunsOfAParagraphAreOneText) {
  EXPECT_EQ(text_of(test::make_docx(
                "<w:p><w:r><w:t>Ask </w:t></w:r><w:ins><w:r><w:t>HR</w:t></w:r></w:ins>"
                "<w:del><w:r><w:delText>no</w:delText></w:r></w:del><w:r><w:t xml:space='preserve'>"
                " </w:t><w:t>first</w:t><w:br/><w:t>Thanks</w:t></w:r></w:p>")),
            "Ask HR first\nThanks\n");
}

TEST(ExtractDocxTest, ListsHaveTheirNumbersAndDepth) {
  const std::string numbering =
      R"(<w:numbering xmlns:w="w"><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0">)"
      R"(<w:numFmt w:val="decimal"/></w:lvl><w:lvl w:ilvl="1"><w:numFmt w:val="bullet"/></w:lvl>)"
      R"(</w:abstractNum><w:num w:numId="4"><w:abstractNumId w:val="0"/></w:num></w:numbering>)";
  EXPECT_EQ(text_of(test::make_docx(paragraph("To do:") + list_item("one", 0, 4) +
                                        list_item("detail", 1, 4) + list_item("two", 0, 4) +
                                        paragraph("Done."),
                                    {{"word/numbering.xml", numbering}})),
            "To do:\n\n1. one\n  - detail\n2. two\n\nDone.\n");
}

TEST(ExtractDocxTest, TablesAreMarkdownTables) {
  const auto cell = [](const std::string& text) { return "<w:tc>" + paragraph(text) + "</w:tc>"; };
  EXPECT_EQ(
      text_of(test::make_docx("<w:tbl><w:tr>" + cell("Grade") + cell("Days") + "</w:tr><w:tr>" +
                              cell("Senior") + cell("30") + "</w:tr></w:tbl>")),
      "| Grade | Days |\n| --- | --- |\n| Senior | 30 |\n");
}

TEST(ExtractDocxTest, LinksAndFootnotesAreKept) {
  EXPECT_EQ(
      text_of(test::make_docx(
          R"(<w:p><w:hyperlink r:id="r7"><w:r><w:t>HR</w:t></w:r></w:hyperlink>)"
          R"(<w:r><w:t> knows</w:t>)"
          R"(<w:footnoteReference w:id="2"/></w:r></w:p>)",
          {{"word/_rels/document.xml.rels",
            R"(<Relationships><Relationship Id="r7" TargetMode="External" )"
            R"(Target="https://h/"/></Relationships>)"},
           {"word/footnotes.xml", R"(<w:footnotes xmlns:w="w"><w:footnote w:id="2">)" +
                                      paragraph("Mostly.") + "</w:footnote></w:footnotes>"}})),
      "[HR](https://h/) knows[^2]\n\n[^2]: Mostly.\n");
}

TEST(ExtractDocxTest, WhatUnpacksToTooMuchIsABomb) {
  const auto docx = test::make_docx(paragraph(std::string(64u << 20, 'a')));
  EXPECT_LT(docx.size(), 1u << 20);
  EXPECT_NE(text_of(docx).find("decompression bomb"), std::string::npos);
}

TEST(ExtractDocxTest, WhatIsNoDocxIsNamed) {
  EXPECT_EQ(text_of("no zip").substr(0, 29), "Error: it is no zip archive: ");
  EXPECT_EQ(text_of(test::make_zip({{"a.txt", "a"}})),
            "Error: there is no word/document.xml in it");
  EXPECT_EQ(text_of(test::make_zip({{"word/document.xml", "<a"}})),
            "Error: word/document.xml in it is no XML");
}

TEST(ExtractDocxTest, DeepNestingIsWalkedWithoutRecursion) {
  std::string open;
  std::string close;
  for (int i = 0; i < 200'000; ++i) {
    open += "<w:x>";
    close += "</w:x>";
  }
  EXPECT_EQ(text_of(test::make_docx(open + paragraph("deep") + close)), "deep\n");
}

}  // namespace
}  // namespace foreword::tools
