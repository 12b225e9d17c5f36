#include "cache/knowledge.h"

#include <algorithm>
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "unit/cache/rows.h"
#include "unit/cache/store_fixture.h"

namespace foreword::cache::test {
namespace {

using Texts = std::vector<std::string>;

bool operator==(const KbVersion& a, const KbVersion& b) {
  return a.name == b.name && a.content_id == b.content_id && a.published == b.published &&
         a.documents == b.documents && a.layers == b.layers;
}

/// Keeps no version but the current one: kb_history_test.cc has the others.
class KnowledgeTest : public StoreFixture {
 protected:
  [[nodiscard]] static KbVersion version_of(const std::string& name, const Texts& documents,
                                            const Texts& layers) {
    KbVersion version;
    version.name = name;
    version.published = at_ms(99);
    for (const auto& text : documents) {
      version.documents.push_back({"docs/" + text + ".md", config::xxh3_128(text), text.size()});
      version.content_id = config::xxh3_128(text);
    }
    for (const auto& escaped : layers) {
      version.layers.push_back({config::xxh3_128(escaped), escaped.size(), escaped.size() + 1, 2});
    }
    return version;
  }
  /// Views of the documents.
  [[nodiscard]] static KbContent content_of(const Texts& documents, const Texts& layers) {
    return {{documents.begin(), documents.end()}, layers};
  }
  [[nodiscard]] bool can_put(const KbVersion& version, const Texts& documents,
                             const Texts& layers) {
    return cache::put_kb(store(), version, content_of(documents, layers), 1).has_value();
  }
  void put_kb(const std::string& name, const Texts& documents, const Texts& layers) {
    const auto stored = cache::put_kb(store(), version_of(name, documents, layers),
                                      content_of(documents, layers), 1);
    ASSERT_TRUE(stored) << stored.error().message;
  }
  [[nodiscard]] bool remove_kb(const std::string& name) {
    return cache::remove_kb(store(), name).value();
  }
  [[nodiscard]] std::optional<KbVersion> get_kb(const std::string& name) {
    return cache::get_kb(store(), name).value();
  }
  [[nodiscard]] std::string layer(const std::string& bytes) {
    return get_layer(store(), config::xxh3_128(bytes)).value();
  }
  [[nodiscard]] Texts names() {
    Texts names;
    for (const auto& version : list_kbs(store()).value()) names.push_back(version.name);
    return names;
  }
  void expect_counts(std::size_t versions, std::size_t documents, std::size_t layers) {
    EXPECT_EQ(count(Family::versions), versions);
    EXPECT_EQ(count(Family::documents), documents);
    EXPECT_EQ(count(Family::layers), layers);
  }
};

TEST_F(KnowledgeTest, a_published_version_reads_back_with_its_bytes) {
  put_kb("handbook", {"one", "two"}, {"base", "overlay"});
  const KbVersion expected = version_of("handbook", {"one", "two"}, {"base", "overlay"});
  reopen();
  EXPECT_TRUE(get_kb("handbook").value() == expected);
  EXPECT_EQ(layer("overlay"), "overlay");
  EXPECT_EQ(get_document(store(), config::xxh3_128("two")).value(), "two");
}

TEST_F(KnowledgeTest, text_bytes_are_the_sum_over_layers) {
  EXPECT_EQ(version_of("handbook", {}, {"12", "345"}).text_bytes(), 3u + 4u);
  EXPECT_EQ(KbVersion{}.text_bytes(), 0u);
}

TEST_F(KnowledgeTest, an_unknown_name_is_nothing) {
  EXPECT_FALSE(get_kb("handbook"));
  EXPECT_FALSE(remove_kb("handbook"));
  EXPECT_EQ(names(), Texts{});
}

TEST_F(KnowledgeTest, names_are_listed_in_their_order) {
  put_kb("wiki", {"w"}, {"W"});
  put_kb("handbook", {"h"}, {"H"});
  EXPECT_EQ(names(), (Texts{"handbook", "wiki"}));
}

TEST_F(KnowledgeTest, a_version_without_documents_is_a_version) {
  put_kb("empty", {}, {});
  EXPECT_TRUE(get_kb("empty"));
}

TEST_F(KnowledgeTest, two_documents_of_the_same_text_are_kept_once) {
  put_kb("handbook", {"same", "same"}, {"base"});
  expect_counts(1, 1, 1);
  EXPECT_EQ(get_kb("handbook")->documents.size(), 2u);
}

TEST_F(KnowledgeTest, replacing_leaves_no_orphans_and_keeps_what_stayed) {
  put_kb("handbook", {"stays", "goes"}, {"base", "old overlay"});
  put_kb("handbook", {"stays", "comes"}, {"base", "new overlay"});
  expect_counts(1, 2, 2);
  EXPECT_EQ(layer("base"), "base");
  EXPECT_EQ(layer("new overlay"), "new overlay");
  EXPECT_FALSE(get_layer(store(), config::xxh3_128("old overlay")));
  EXPECT_FALSE(get_document(store(), config::xxh3_128("goes")));
}

TEST_F(KnowledgeTest, replacing_keeps_what_another_name_still_needs) {
  put_kb("a", {"shared", "only a"}, {"shared layer"});
  put_kb("b", {"shared"}, {"shared layer"});
  put_kb("a", {"new"}, {"new layer"});
  expect_counts(2, 2, 2);
  EXPECT_EQ(layer("shared layer"), "shared layer");
}

TEST_F(KnowledgeTest, a_layout_reads_back_and_keeps_the_documents_that_only_it_names) {
  put_kb("handbook", {"old", "stays"}, {"base"});
  auto version = version_of("handbook", {"new", "stays"}, {"base", "overlay"});
  version.layout.base = get_kb("handbook")->documents;
  version.layout.middle = version.layout.base;
  version.layout.order = {"docs/stays.md", "docs/new.md"};
  version.layout.heat = {{"docs/new.md", 1.5}};
  version.layout.last_layer_cost = 2.5;
  version.layout.base_cost = 0.25;
  ASSERT_TRUE(can_put(version, {"new", "stays"}, {"base", "overlay"}));
  EXPECT_EQ(get_kb("handbook")->layout, version.layout);
  EXPECT_EQ(get_document(store(), config::xxh3_128("old")).value(), "old");
  put_kb("handbook", {"new"}, {"base"});
  expect_counts(1, 1, 1);
}

TEST_F(KnowledgeTest, a_layout_of_one_layer_has_all_documents_in_its_parts) {
  put_kb("handbook", {"one", "two"}, {"base"});
  const auto version = get_kb("handbook");
  EXPECT_EQ(version->layout.base, version->documents);
  EXPECT_EQ(version->layout.middle, version->documents);
}

TEST_F(KnowledgeTest, a_layout_that_names_a_document_that_is_not_stored_changes_nothing) {
  put_kb("handbook", {"one"}, {"base"});
  auto version = version_of("handbook", {"two"}, {"other"});
  version.layout.base = version_of("", {"never stored"}, {}).documents;
  EXPECT_FALSE(can_put(version, {"two"}, {"other"}));
  EXPECT_EQ(get_kb("handbook")->documents.at(0).path, "docs/one.md");
  expect_counts(1, 1, 1);
}

TEST_F(KnowledgeTest, removing_keeps_what_another_name_still_needs) {
  put_kb("a", {"shared", "only a"}, {"shared layer", "layer of a"});
  put_kb("b", {"shared", "only b"}, {"shared layer"});
  EXPECT_TRUE(remove_kb("a"));
  EXPECT_EQ(names(), Texts{"b"});
  expect_counts(1, 2, 1);
  EXPECT_TRUE(remove_kb("b"));
  expect_counts(0, 0, 0);
}

TEST_F(KnowledgeTest, content_that_does_not_match_its_hashes_changes_nothing) {
  put_kb("handbook", {"one"}, {"base"});
  const KbVersion next = version_of("handbook", {"two"}, {"next"});
  EXPECT_FALSE(can_put(next, {"tow"}, {"next"}));
  EXPECT_FALSE(can_put(next, {"two"}, {"nxet"}));
  EXPECT_FALSE(can_put(next, {"two"}, {}));
  EXPECT_FALSE(can_put(next, {"two", "three"}, {"next"}));
  KbVersion wrong_size = next;
  wrong_size.layers[0].escaped_bytes += 1;
  EXPECT_FALSE(can_put(wrong_size, {"two"}, {"next"}));
  expect_counts(1, 1, 1);
  EXPECT_TRUE(get_kb("handbook").value() == version_of("handbook", {"one"}, {"base"}));
}

TEST_F(KnowledgeTest, a_missing_layer_is_an_error_that_says_what_to_do) {
  const auto missing = get_layer(store(), config::xxh3_128("nowhere"));
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().message.find("foreword kb load"), std::string::npos);
}

TEST_F(KnowledgeTest, a_damaged_layer_is_an_error_until_its_version_is_put_again) {
  put_kb("handbook", {"one"}, {"base"});
  put(Family::layers, config::to_bytes(config::xxh3_128("base")), "bose");
  EXPECT_FALSE(get_layer(store(), config::xxh3_128("base")));
  put_kb("handbook", {"one"}, {"base"});
  EXPECT_EQ(layer("base"), "base");
}

TEST_F(KnowledgeTest, a_layer_of_many_megabytes_is_kept_in_pieces_and_goes_as_a_whole) {
  const std::string large(std::size_t{3} << 20, 'a');
  const std::string larger = large + "b";
  put_kb("handbook", {"one"}, {large, larger});
  expect_counts(1, 1, 3 + 4);
  reopen();
  EXPECT_EQ(layer(large), large);
  EXPECT_EQ(layer(larger), larger);
  put_kb("handbook", {"two"}, {large});
  expect_counts(1, 1, 3);
  EXPECT_EQ(layer(large), large);
}

TEST_F(KnowledgeTest, a_layer_with_a_damaged_piece_is_an_error_until_its_version_is_put_again) {
  const std::string large(std::size_t{2} << 20, 'a');
  put_kb("handbook", {"one"}, {large});
  const auto key = config::to_bytes(config::xxh3_128(large));
  StoreFixture::put(Family::layers, key + std::string("\0\0\0\2", 4), "one too many");
  EXPECT_FALSE(get_layer(store(), config::xxh3_128(large)));
  put_kb("handbook", {"one"}, {large});
  EXPECT_EQ(layer(large), large);
}

TEST_F(KnowledgeTest, a_layer_that_an_older_program_wrote_in_one_piece_is_read) {
  const std::string large(std::size_t{3} << 20, 'a');
  StoreFixture::put(Family::layers, config::to_bytes(config::xxh3_128(large)), large);
  EXPECT_EQ(layer(large), large);
}

TEST_F(KnowledgeTest, a_damaged_document_is_an_error) {
  put_kb("handbook", {"one"}, {"base"});
  put(Family::documents, config::to_bytes(config::xxh3_128("one")), "eno");
  EXPECT_FALSE(get_document(store(), config::xxh3_128("one")));
}

TEST_F(KnowledgeTest, a_version_under_another_name_is_an_error) {
  put_kb("handbook", {"one"}, {"base"});
  put(Family::versions, "wiki", store().get(Family::versions, "handbook").value().value());
  EXPECT_FALSE(cache::get_kb(store(), "wiki"));
  EXPECT_FALSE(list_kbs(store()));
}

TEST_F(KnowledgeTest, damaged_versions_are_errors_and_never_crash) {
  put_kb("handbook", {"one", "two"}, {"base"});
  const std::string good = store().get(Family::versions, "handbook").value().value();
  std::mt19937_64 random(3);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes = good.substr(0, random() % (good.size() + 1));
    for (char& byte : bytes) {
      if (random() % 16 == 0) byte = static_cast<char>(random());
    }
    put(Family::versions, "handbook", bytes);
    const auto version = cache::get_kb(store(), "handbook");
    EXPECT_TRUE(!version || (*version)->name == "handbook");
  }
  put(Family::versions, "handbook", "garbage");
  EXPECT_FALSE(cache::get_kb(store(), "handbook"));
  EXPECT_FALSE(cache::remove_kb(store(), "handbook"));
}

TEST_F(KnowledgeTest, puts_at_once_leave_exactly_one_of_the_versions_and_its_content) {
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([this, thread] {
      for (int i = 0; i < 10; ++i) {
        const std::string own = std::to_string(thread) + "." + std::to_string(i);
        put_kb("handbook", {"shared", "text " + own}, {"layer " + own});
      }
    });
  }
  for (auto& thread : threads) thread.join();
  expect_counts(1, 2, 1);
  const KbVersion last = get_kb("handbook").value();
  EXPECT_TRUE(get_layer(store(), last.layers[0].hash));
  for (const auto& document : last.documents) EXPECT_TRUE(get_document(store(), document.hash));
}

}  // namespace
}  // namespace foreword::cache::test
