#include "proxy/kb_directory.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "config/limits.h"

namespace foreword::proxy {
namespace {

class KbDirectoryTest : public testing::Test {
 protected:
  /// Publishes a knowledge base of one layer.
  void show(const std::string& name, const std::string& layer) {
    auto kb = std::make_shared<LoadedKb>();
    kb->version.name = name;
    kb->version.content_id = config::xxh3_128(layer);
    kb->layers = {layer};
    cache::StoredLayer stored;
    stored.hash = config::xxh3_128(layer);
    stored.text_bytes = layer.size();
    kb->version.layers.push_back(stored);
    directory_.show(name, std::move(kb));
  }
  std::shared_ptr<const AttachedKbs> attach(std::string_view set) {
    return directory_.attach(set).value();
  }
  /// All that goes in front, without quotes and marks.
  static std::string text_of(const AttachedKbs& attached) {
    std::string text;
    for (const auto& layer : attached.knowledge.layers()) {
      text += layer.opening;
      text += layer.escaped;
      text += layer.closing;
    }
    return text;
  }

  KbDirectory directory_;
};

TEST_F(KbDirectoryTest, AttachesOneByItsNameAndVersion) {
  show("a", "text");
  const auto attached = attach("a");
  EXPECT_EQ(attached->name, "a");
  EXPECT_EQ(attached->version, config::to_hex(config::xxh3_128("text")));
  EXPECT_EQ(attached->text_bytes, 4u);
  EXPECT_EQ(text_of(*attached), "text");
}

TEST_F(KbDirectoryTest, AttachesSeveralByTheirNamesAndVersions) {
  show("a", "text");
  show("b", "more");
  const auto attached = attach("a+b");
  EXPECT_EQ(attached->name, "a+b");
  EXPECT_EQ(attached->version, config::to_hex(config::xxh3_128("text")) + "+" +
                                   config::to_hex(config::xxh3_128("more")));
  EXPECT_GT(attached->text_bytes, 8u) << "the tags are counted too";
}

TEST_F(KbDirectoryTest, JoinsASetOnce) {
  show("a", "text");
  show("b", "more");
  EXPECT_EQ(attach("a+b"), attach("a+b"));
}

TEST_F(KbDirectoryTest, SharesTheLayersOfAllSets) {
  show("a", "text");
  show("b", "more");
  EXPECT_EQ(attach("a")->knowledge.layers()[0].escaped.data(),
            attach("a+b")->knowledge.layers()[0].escaped.data());
}

TEST_F(KbDirectoryTest, JoinsAgainWhatHasAMemberThatChanged) {
  show("a", "text");
  show("b", "old");
  show("c", "more");
  const auto unconcerned = attach("a+c");
  const auto before = attach("a+b");
  show("b", "new");
  EXPECT_NE(text_of(*attach("a+b")).find("new"), std::string::npos);
  EXPECT_EQ(text_of(*attach("b")), "new");
  EXPECT_EQ(attach("a+c"), unconcerned);
  EXPECT_NE(text_of(*before).find("old"), std::string::npos) << "a request keeps what it has";
}

TEST_F(KbDirectoryTest, NamesTheOneThatIsNotThere) {
  show("a", "text");
  const auto attached = directory_.attach("a+missing");
  ASSERT_FALSE(attached);
  EXPECT_EQ(attached.error().message,
            "there is no knowledge base 'missing': load it with `foreword kb load missing "
            "PATH...`");
}

TEST_F(KbDirectoryTest, HasWhatIsTakenAwayInNoSet) {
  show("a", "text");
  show("b", "more");
  EXPECT_NE(attach("a+b"), nullptr);
  directory_.show("b", nullptr);
  EXPECT_FALSE(directory_.attach("a+b"));
  EXPECT_FALSE(directory_.attach("b"));
  EXPECT_EQ(directory_.list().size(), 1u);
}

TEST_F(KbDirectoryTest, KeepsTheCacheKeyOfASetWhileItsFirstLayerStays) {
  show("a", "text");
  show("b", "old");
  const auto before = attach("a+b")->cache_key;
  show("b", "new");
  EXPECT_EQ(attach("a+b")->cache_key, before);
  show("a", "other");
  EXPECT_NE(attach("a+b")->cache_key, before);
  EXPECT_NE(attach("a")->cache_key, attach("a+b")->cache_key);
}

/// However many sets clients invent.
TEST_F(KbDirectoryTest, HoldsBoundedlyManySets) {
  std::vector<std::weak_ptr<const AttachedKbs>> sets;
  for (std::size_t i = 0; i < 2 * config::limits::kMaxJoinedKbs; ++i) {
    const auto name = std::to_string(i);
    show(name, "text");
    sets.push_back(attach(name));
  }
  const auto held =
      std::ranges::count_if(sets, [](const auto& attached) { return !attached.expired(); });
  EXPECT_LE(static_cast<std::size_t>(held), config::limits::kMaxJoinedKbs);
  EXPECT_EQ(text_of(*attach("0")), "text");
}

// 600 bytes at two a token and 600, like the tags and the note, at six.
TEST_F(KbDirectoryTest, EstimatesTokensByWhatIsKnownOfEachBase) {
  const auto& model = config::ModelTable::built_in().models().front();
  auto known = std::make_shared<LoadedKb>();
  known->version.name = "a";
  known->version.layers.push_back({{}, 600, 600, 1});
  known->layers = {std::string(600, 'a')};
  known->figures[&model].bytes_per_token = 2;
  auto unknown = std::make_shared<LoadedKb>(*known);
  unknown->version.name = "b";
  unknown->figures.clear();
  const auto alone = proxy::attach({known});
  EXPECT_EQ(estimate_tokens(*alone, &model, 6).tokens, 300u);
  EXPECT_EQ(estimate_tokens(*alone, &model, 6).error, 0);
  const auto both = proxy::attach({known, unknown});
  const auto tags = both->knowledge.tag_bytes() / 6;
  EXPECT_NEAR(static_cast<double>(estimate_tokens(*both, &model, 6).tokens),
              static_cast<double>(300 + 100 + tags), 1);
  EXPECT_NEAR(estimate_tokens(*proxy::attach({unknown}), &model, 6).error, 0.15, 1e-9);
}

TEST_F(KbDirectoryTest, EstimatesAModelThatNobodyKnows) {
  show("a", std::string(600, 'a'));
  EXPECT_EQ(estimate_tokens(*attach("a"), nullptr, 6).tokens, 100u);
}

}  // namespace
}  // namespace foreword::proxy
