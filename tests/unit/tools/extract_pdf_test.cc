// PDF to text: rows stay rows, page furniture goes, the outline makes headings.
#include <gtest/gtest.h>

#include "tools/extract/extract.h"
#include "tools/extract/pdf_text.h"
#include "unit/tools/file_makers.h"

namespace foreword::tools {
namespace {

TEST(ExtractPdfTest, ThePagesOfAFileAreRead) {
  const auto text = extract_pdf(test::make_pdf({{"Leave policy", "Ask HR first."}, {"The end."}}));
  ASSERT_TRUE(text) << text.error().message;
  EXPECT_EQ(*text, "Leave policy\nAsk HR first.\n\nThe end.\n\n");
}

TEST(ExtractPdfTest, WhatIsNoPdfIsNamed) {
  EXPECT_EQ(extract_pdf("no pdf").error().message, "it cannot be read as PDF");
  const auto scanned = extract_pdf(test::make_pdf({{""}}));
  EXPECT_NE(scanned.error().message.find("there is no text in it"), std::string::npos);
}

TEST(ExtractPdfTest, APageTreeThatLoopsEnds) {
  const auto text = extract_pdf(test::make_pdf_of_objects(
      {"<< /Type /Catalog /Pages 2 0 R >>",
       "<< /Type /Pages /Count 2 /Kids [ 2 0 R 2 0 R ] /Parent 2 0 R >>"}));
  EXPECT_FALSE(text);
}

TEST(ExtractPdfTest, ATableOfReferencesThatLoopsEnds) {
  auto pdf = test::make_pdf({{"Looped"}});
  const auto at = pdf.find("/Root 1 0 R");
  const auto table = pdf.rfind("xref\n0");
  pdf.insert(at, "/Prev " + std::to_string(table) + " ");
  const auto text = extract_pdf(pdf);
  ASSERT_TRUE(text) << text.error().message;
  EXPECT_EQ(*text, "Looped\n\n");
}

TEST(PdfTextTest, HeadersFootersAndPageNumbersAreDropped) {
  std::vector<std::string> pages;
  for (int i = 1; i <= 4; ++i) {
    const auto number = std::to_string(i);
    pages.push_back("Handbook    " + number + "\n\n" +
                    std::string(static_cast<std::size_t>(i), 'w') + " is its text.\nMore of it, " +
                    std::string(static_cast<std::size_t>(i), 'x') + "\n\nAll rights reserved\n");
  }
  const auto text = join_pages(pages, {});
  EXPECT_EQ(text.find("Handbook"), std::string::npos) << text;
  EXPECT_EQ(text.find("rights"), std::string::npos) << text;
  EXPECT_NE(text.find("www is its text."), std::string::npos) << text;
}

TEST(PdfTextTest, AWordIsJoinedWhereItGoesOnInLowerCase) {
  EXPECT_EQ(join_pages({"all the infor-\nmation here\n"}, {}), "all the information\nhere\n\n");
  EXPECT_EQ(join_pages({"slides (In-\ntroductory)\n"}, {}), "slides (Introductory)\n\n");
  EXPECT_EQ(join_pages({"the \u201cinfor-\nmation\u201d\n"}, {}),
            "the \u201cinformation\u201d\n\n");
  EXPECT_EQ(join_pages({"  of infor-\n  mation here\n"}, {}), "  of information\n  here\n\n");
  EXPECT_EQ(join_pages({"see /debian-\nfaq\n"}, {}), "see /debian-\nfaq\n\n");
  EXPECT_EQ(join_pages({"Jean-\nPaul\n"}, {}), "Jean-\nPaul\n\n");
  EXPECT_EQ(join_pages({"a copy-on-\nwrite page\n"}, {}), "a copy-on-\nwrite page\n\n");
  EXPECT_EQ(join_pages({"pages 1-\n2 of it\n"}, {}), "pages 1-\n2 of it\n\n");
}

TEST(PdfTextTest, LinesOfTheOutlineBecomeHeadings) {
  const std::vector<OutlineEntry> outline = {{1, "Leave"}, {2, "How long"}};
  EXPECT_EQ(join_pages({"1 Leave . . . . . . . 3\n", "1 Leave\nText.\n1.1 How\nlong\nTwo weeks.\n"},
                       outline),
            "# 1 Leave\n\nText.\n\n## 1.1 How long\n\nTwo weeks.\n\n");
}

TEST(PdfTextTest, ATitleInCapitalsIsAHeading) {
  EXPECT_EQ(join_pages({"FOUR\n\nSICK LEAVE\n\nText.\nSick leave is fine.\n"}, {{1, "Sick leave"}}),
            "FOUR\n\n# SICK LEAVE\n\nText.\nSick leave is fine.\n\n");
}

TEST(PdfTextTest, ARunningHeadOfTitlesThatWereThereIsDropped) {
  const std::vector<OutlineEntry> outline = {{1, "Leave"}, {2, "How long it may take"}};
  EXPECT_EQ(join_pages({"1 Leave\nText.\n", "CHAPTER 1. LEAVE    1.1. HOW LONG …\n\nMore.\n",
                        "CHAPTER 1. OTHER    1.1. HOW LONG …\n\n1 Leave is more.\n"},
                       outline),
            "# 1 Leave\n\nText.\n\nMore.\n\nCHAPTER 1. OTHER    1.1. HOW LONG …\n\n"
            "1 Leave is more.\n\n");
}

TEST(PdfTextTest, RowsOfATableKeepTheirColumnsApart) {
  EXPECT_EQ(join_pages({"key                    meaning\nF1                     help\n"}, {}),
            "key    meaning\nF1    help\n\n");
}

TEST(PdfTextTest, ProseInTwoColumnsIsToldFromATable) {
  std::string columns;
  std::string table;
  for (int i = 0; i < 30; ++i) {
    columns += "the left column goes on and on here     and the right column does so as well\n";
    table += "F" + std::to_string(i) + "        a long description of what this key is good for\n";
  }
  EXPECT_TRUE(is_set_in_columns(columns));
  EXPECT_FALSE(is_set_in_columns(table));
}

}  // namespace
}  // namespace foreword::tools
