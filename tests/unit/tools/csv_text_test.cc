#include "tools/csv_text.h"

#include <gtest/gtest.h>

namespace foreword::tools {
namespace {

TEST(CsvText, QuotesOnlyWhatHasToBe) {
  EXPECT_EQ(csv_field("plain text"), "plain text");
  EXPECT_EQ(csv_field("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_field("say \"hi\""), "\"say \"\"hi\"\"\"");
  EXPECT_EQ(csv_field("two\nlines"), "\"two\nlines\"");
  EXPECT_EQ(csv_field(""), "");
}

TEST(CsvText, MakesNoFormulaOfAForeignText) {
  for (const std::string text : {"=1+1", "+1", "-1", "@SUM(A1)", "\tx"}) {
    EXPECT_EQ(csv_foreign_text(text), "'" + text);
  }
  EXPECT_EQ(csv_foreign_text("=HYPERLINK(\"x\",1)"), "\"'=HYPERLINK(\"\"x\"\",1)\"");
  EXPECT_EQ(csv_foreign_text("a-b=c"), "a-b=c");
}

TEST(CsvText, TakingOneApostropheAwayGivesTheTextBack) {
  EXPECT_EQ(csv_foreign_text("'quoted'"), "''quoted'");
}

TEST(CsvText, EndsLinesAsTheStandardSays) {
  EXPECT_EQ(csv_line({"a", "", "c"}), "a,,c\r\n");
}

}  // namespace
}  // namespace foreword::tools
