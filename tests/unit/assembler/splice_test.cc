#include "assembler/splice.h"

#include <gtest/gtest.h>

namespace foreword::assembler {
namespace {

using Pieces = std::vector<std::string_view>;

TEST(SpliceTest, NoEditsGiveTheBodyItself) {
  const std::string body = "client bytes";
  const auto spliced = splice(body, {});
  ASSERT_EQ(spliced.pieces.size(), 1u);
  EXPECT_EQ(spliced.pieces[0].data(), body.data());
  EXPECT_EQ(spliced.total_bytes, body.size());
}

TEST(SpliceTest, EmptyBody) {
  EXPECT_TRUE(splice("", {}).pieces.empty());
  EXPECT_EQ(splice("", {}).total_bytes, 0u);
}

TEST(SpliceTest, InsertsAtBothEndsAndBetween) {
  const std::vector<Edit> edits = {{0, 0, "<"}, {2, 0, "|"}, {4, 0, ">"}};
  const auto spliced = splice("abcd", edits);
  EXPECT_EQ(spliced.pieces, (Pieces{"<", "ab", "|", "cd", ">"}));
  EXPECT_EQ(spliced.total_bytes, 7u);
}

TEST(SpliceTest, InsertsAtOnePlaceKeepTheirOrder) {
  const std::vector<Edit> edits = {{1, 0, "1"}, {1, 0, "2"}};
  EXPECT_EQ(to_string(splice("ab", edits)), "a12b");
}

TEST(SpliceTest, ErasedBytesAreReplaced) {
  const std::vector<Edit> edits = {{1, 2, "XYZ"}};
  EXPECT_EQ(to_string(splice("abcd", edits)), "aXYZd");
}

TEST(SpliceTest, NoPieceIsEmpty) {
  const std::vector<Edit> edits = {{0, 1, ""}, {1, 0, ""}, {1, 3, ""}};
  EXPECT_TRUE(splice("abcd", edits).pieces.empty());
}

}  // namespace
}  // namespace foreword::assembler
