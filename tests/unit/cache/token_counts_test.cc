#include "cache/token_counts.h"

#include <gtest/gtest.h>

#include "unit/cache/store_fixture.h"

namespace foreword::cache::test {
namespace {

class TokenCountsTest : public StoreFixture {
 protected:
  static StoredLayer layer(const std::string& text) {
    return {config::xxh3_128(text), text.size(), text.size(), 1};
  }
  void count(const std::string& text, std::string_view model, std::uint64_t tokens) {
    ASSERT_TRUE(put_token_count(store(), layer(text).hash, model, tokens));
  }
  std::optional<std::vector<std::uint64_t>> counts(std::vector<StoredLayer> layers,
                                                   std::string_view model) {
    return get_token_counts(store(), layers, model).value();
  }
};

TEST_F(TokenCountsTest, are_remembered_by_layer_and_model) {
  count("a", "claude", 7);
  count("a", "gpt", 8);
  count("b", "gpt", 9);
  reopen();
  EXPECT_EQ(counts({layer("a"), layer("b")}, "gpt"), (std::vector<std::uint64_t>{8, 9}));
  EXPECT_EQ(counts({layer("a")}, "claude"), (std::vector<std::uint64_t>{7}));
}

TEST_F(TokenCountsTest, of_a_layer_that_was_not_counted_are_nothing) {
  count("a", "gpt", 8);
  EXPECT_FALSE(counts({layer("a"), layer("b")}, "gpt"));
  EXPECT_FALSE(counts({layer("a")}, "gpt-6"));
}

TEST_F(TokenCountsTest, that_are_damaged_are_nothing) {
  count("a", "gpt", 8);
  for (const auto* damaged : {"", "x", "8x", "-1", "0"}) {
    put(Family::token_counts, config::to_bytes(layer("a").hash) + "gpt", damaged);
    EXPECT_FALSE(counts({layer("a")}, "gpt")) << damaged;
  }
}

TEST_F(TokenCountsTest, go_with_their_layer) {
  KbVersion version;
  version.name = "k";
  version.layers = {layer("a")};
  ASSERT_TRUE(put_kb(store(), version, {{}, {"a"}}));
  count("a", "gpt", 8);
  ASSERT_TRUE(remove_kb(store(), "k"));
  EXPECT_EQ(StoreFixture::count(Family::token_counts), 0u);
}

TEST_F(TokenCountsTest, make_a_ratio_without_an_error) {
  const auto ratio = ratio_of(std::vector{layer("aaaaaa"), layer("bb")}, std::vector{3ul, 1ul});
  EXPECT_DOUBLE_EQ(ratio.bytes_per_token, 2);
  EXPECT_EQ(ratio.error, 0);
  EXPECT_EQ(name_of(ratio.source), "counted");
}

}  // namespace
}  // namespace foreword::cache::test
