#include "cache/kb_history.h"

#include <map>
#include <random>

#include <gtest/gtest.h>

#include "cache/kb_check.h"
#include "unit/cache/rows.h"
#include "unit/cache/store_fixture.h"

namespace foreword::cache::test {
namespace {

using Texts = std::vector<std::string>;

class KbHistoryTest : public StoreFixture {
 protected:
  /// Documents by path; one layer, made of all texts.
  using Documents = std::map<std::string, std::string>;

  void put(const std::string& name, const Documents& documents, std::size_t kept = 3,
           const Documents& base = {}) {
    KbVersion version;
    KbContent content;
    version.name = name;
    version.published = at_ms(++published_);
    std::string all;
    for (const auto& [path, text] : documents) {
      version.documents.push_back(stored(path, text));
      content.document_texts.emplace_back(text);
      all += text + "\n";
    }
    version.layers.push_back({config::xxh3_128(all), all.size(), all.size(), 1});
    version.content_id = config::xxh3_128("id of " + all);
    content.escaped_layers.push_back(all);
    for (const auto& [path, text] : base) version.layout.base.push_back(stored(path, text));
    const auto done = put_kb(store(), version, content, kept);
    ASSERT_TRUE(done) << done.error().message;
  }
  static StoredDocument stored(const std::string& path, const std::string& text) {
    return {path, config::xxh3_128(text), text.size()};
  }
  [[nodiscard]] std::vector<KbHistoryEntry> history(const std::string& name = "k") {
    return kb_history(store(), name).value();
  }
  [[nodiscard]] bool has_document(const std::string& text) {
    return get_document(store(), config::xxh3_128(text)).has_value();
  }
  void expect_whole_without_orphans() {
    const auto found = check_knowledge(store()).value();
    EXPECT_TRUE(found.is_whole());
    EXPECT_EQ(found.orphans(), 0u);
  }

  std::int64_t published_ = 0;
};

TEST_F(KbHistoryTest, of_an_unknown_name_is_empty) {
  EXPECT_TRUE(history("nobody").empty());
}

TEST_F(KbHistoryTest, lists_versions_from_the_newest_with_what_they_changed) {
  put("k", {{"a", "1"}, {"b", "2"}, {"c", "3"}});
  put("k", {{"a", "1"}, {"b", "two"}, {"d", "4"}, {"e", "5"}});
  const auto entries = history();
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[1].added, 3u);
  EXPECT_EQ(entries[0].added, 2u);
  EXPECT_EQ(entries[0].changed, 1u);
  EXPECT_EQ(entries[0].removed, 1u);
  EXPECT_EQ(entries[0].documents, 4u);
  EXPECT_EQ(entries[0].layers, 1u);
  EXPECT_EQ(entries[0].published, at_ms(2));
  EXPECT_EQ(entries[0].content_id, get_kb(store(), "k").value()->content_id);
}

TEST_F(KbHistoryTest, is_there_after_a_restart) {
  put("k", {{"a", "1"}});
  put("k", {{"a", "2"}});
  const auto before = history();
  reopen();
  EXPECT_EQ(history(), before);
}

TEST_F(KbHistoryTest, keeps_the_content_of_as_many_versions_as_it_is_told_to) {
  for (const auto* text : {"1", "2", "3", "4"}) put("k", {{"a", text}}, 3);
  EXPECT_EQ(history().size(), 3u);
  EXPECT_FALSE(has_document("1"));
  EXPECT_TRUE(has_document("2"));
  expect_whole_without_orphans();
}

TEST_F(KbHistoryTest, drops_all_that_is_too_many_when_fewer_are_to_be_kept) {
  for (const auto* text : {"1", "2", "3", "4"}) put("k", {{"a", text}}, 4);
  put("k", {{"a", "5"}}, 2);
  EXPECT_EQ(history().size(), 2u);
  EXPECT_EQ(count(Family::documents), 2u);
  expect_whole_without_orphans();
}

TEST_F(KbHistoryTest, keeps_what_came_back_after_the_version_that_had_it_first_was_dropped) {
  for (const auto* text : {"1", "2", "1", "3"}) put("k", {{"a", text}}, 3);
  EXPECT_TRUE(has_document("1"));
  put("k", {{"a", "4"}}, 3);
  EXPECT_TRUE(has_document("1"));
  put("k", {{"a", "5"}}, 3);
  EXPECT_FALSE(has_document("1"));
}

TEST_F(KbHistoryTest, keeps_what_an_old_version_of_another_name_needs) {
  put("other", {{"x", "1"}});
  put("other", {{"x", "2"}});
  put("k", {{"a", "1"}}, 1);
  put("k", {{"a", "3"}}, 1);
  EXPECT_TRUE(has_document("1"));
  EXPECT_TRUE(remove_kb(store(), "other").value());
  EXPECT_FALSE(has_document("1"));
  expect_whole_without_orphans();
}

TEST_F(KbHistoryTest, goes_with_its_name) {
  put("k", {{"a", "1"}});
  put("k", {{"a", "2"}});
  EXPECT_TRUE(remove_kb(store(), "k").value());
  EXPECT_TRUE(history().empty());
  for (const auto family : {Family::documents, Family::layers, Family::history,
                            Family::old_versions, Family::versions}) {
    EXPECT_EQ(count(family), 0u);
  }
}

TEST_F(KbHistoryTest, begins_with_the_version_that_a_program_without_one_has_left) {
  put("k", {{"a", "1"}});
  const auto key = std::string("k\0\0\0\0\0\0\0\0\1", 10);
  const Write forget{Family::history, key, std::nullopt};
  ASSERT_TRUE(store().write({&forget, 1}, Durability::buffered));
  ASSERT_EQ(history().size(), 1u);
  put("k", {{"a", "2"}});
  EXPECT_EQ(history().size(), 2u);
  ASSERT_TRUE(roll_back_kb(store(), "k", history()[1].sequence, at_ms(9)));
  EXPECT_EQ(get_kb(store(), "k").value()->documents[0].hash, config::xxh3_128("1"));
}

TEST_F(KbHistoryTest, rolled_back_has_a_new_version_of_the_old_bytes_and_layout) {
  put("k", {{"a", "1"}});
  put("k", {{"a", "2"}}, 3, {{"a", "1"}});
  const auto old = get_kb(store(), "k").value().value();
  put("k", {{"a", "3"}});
  const auto rolled = roll_back_kb(store(), "k", old.sequence, at_ms(50));
  ASSERT_TRUE(rolled) << rolled.error().message;
  const auto current = get_kb(store(), "k").value().value();
  EXPECT_EQ(current.content_id, old.content_id);
  EXPECT_EQ(current.layers, old.layers);
  EXPECT_EQ(current.documents, old.documents);
  EXPECT_EQ(current.layout, old.layout);
  EXPECT_EQ(current.published, at_ms(50));
  EXPECT_EQ(history()[0].changed, 1u);
  expect_whole_without_orphans();
}

TEST_F(KbHistoryTest, does_not_roll_back_to_what_it_does_not_keep) {
  for (const auto* text : {"1", "2", "3"}) put("k", {{"a", text}}, 2);
  const auto failed = roll_back_kb(store(), "k", 1, at_ms(50));
  ASSERT_FALSE(failed);
  EXPECT_NE(failed.error().message.find("foreword kb history k"), std::string::npos);
  EXPECT_EQ(history().size(), 2u);
}

TEST_F(KbHistoryTest, stays_whole_without_orphans_whatever_is_done) {
  std::mt19937_64 random(7);
  const Texts names = {"k", "l"};
  for (int step = 0; step < 300; ++step) {
    const auto& name = names[random() % names.size()];
    const auto entries = history(name);
    const auto kind = random() % 10;
    if (kind == 0) {
      ASSERT_TRUE(remove_kb(store(), name));
    } else if (kind < 3 && !entries.empty()) {
      const auto& to = entries[random() % entries.size()];
      ASSERT_TRUE(roll_back_kb(store(), name, to.sequence, at_ms(step), 1 + random() % 4));
    } else {
      Documents documents;
      for (const auto* path : {"a", "b", "c"}) documents[path] = std::to_string(random() % 6);
      const auto current = get_kb(store(), name).value();
      Documents base;
      if (current) {
        for (const auto& document : current->documents) {
          base[document.path] = get_document(store(), document.hash).value();
        }
      }
      put(name, documents, 1 + random() % 4, base);
    }
    const auto found = check_knowledge(store()).value();
    ASSERT_TRUE(found.is_whole()) << step;
    ASSERT_EQ(found.orphans(), 0u) << step;
  }
}

TEST_F(KbHistoryTest, that_is_damaged_is_an_error_and_no_crash) {
  put("k", {{"a", "1"}});
  const auto key = std::string("k\0\0\0\0\0\0\0\0\1", 10);
  StoreFixture::put(Family::history, key, "garbage");
  EXPECT_FALSE(kb_history(store(), "k"));
  EXPECT_FALSE(remove_kb(store(), "k"));
}

class KbCheckTest : public KbHistoryTest {
 protected:
  static std::string key_of(const std::string& text) {
    return config::to_bytes(config::xxh3_128(text));
  }
};

TEST_F(KbCheckTest, names_what_is_missing_or_damaged) {
  put("k", {{"a", "1"}, {"b", "2"}});
  put("k", {{"a", "3"}});
  const Write lose{Family::documents, key_of("1"), std::nullopt};
  ASSERT_TRUE(store().write({&lose, 1}, Durability::buffered));
  StoreFixture::put(Family::layers, key_of("3\n"), "bad");
  const auto found = check_knowledge(store()).value();
  EXPECT_FALSE(found.is_whole());
  EXPECT_EQ(found.missing_documents, std::vector{config::xxh3_128("1")});
  EXPECT_EQ(found.missing_layers, std::vector{config::xxh3_128("3\n")});
}

/// What a publish that was killed half-way leaves: it had announced all of these, and written some.
class KbUnfinishedTest : public KbCheckTest {
 protected:
  void leave(const Texts& documents, const Texts& layers) {
    std::string rows[2];
    for (const auto& text : documents) rows[0] += key_of(text);
    for (const auto& bytes : layers) rows[1] += key_of(bytes);
    StoreFixture::put(Family::unfinished, "documents", rows[0]);
    StoreFixture::put(Family::unfinished, "layers", rows[1]);
  }
};

TEST_F(KbUnfinishedTest, publish_is_swept_but_for_what_a_version_has) {
  put("k", {{"a", "1"}});
  put("k", {{"a", "2"}});
  leave({"1", "left", "never written"}, {"over", "2\n"});
  StoreFixture::put(Family::documents, key_of("left"), "left");
  StoreFixture::put(Family::layers, key_of("over"), "ov");
  StoreFixture::put(Family::layers, key_of("over") + std::string(3, '\0') + '\1', "er");
  EXPECT_EQ(check_knowledge(store()).value().orphans(), 2u);
  EXPECT_EQ(sweep_unfinished(store()).value(), 3u);
  expect_whole_without_orphans();
  EXPECT_EQ(sweep_unfinished(store()).value(), 0u);
}

TEST_F(KbUnfinishedTest, publish_is_swept_by_the_next_one_too) {
  leave({"left"}, {});
  StoreFixture::put(Family::documents, key_of("left"), "left");
  put("k", {{"a", "1"}});
  expect_whole_without_orphans();
}

TEST_F(KbUnfinishedTest, is_nothing_that_was_published) {
  put("k", {{"a", "1"}});
  EXPECT_EQ(count(Family::unfinished), 0u);
  EXPECT_EQ(sweep_unfinished(store()).value(), 0u);
}

TEST_F(KbUnfinishedTest, that_is_damaged_is_an_error_and_no_crash) {
  StoreFixture::put(Family::unfinished, "documents", "cut");
  EXPECT_FALSE(sweep_unfinished(store()));
}

}  // namespace
}  // namespace foreword::cache::test
