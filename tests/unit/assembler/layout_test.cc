#include "assembler/layout.h"

#include <algorithm>
#include <cstdlib>
#include <random>

#include <gtest/gtest.h>

#include "assembler/section.h"
#include "reader.h"

namespace foreword::assembler {
namespace {

using Texts = std::map<std::string, std::string>;

Snapshot snapshot(const Texts& texts) {
  Snapshot documents;
  for (const auto& [path, text] : texts) {
    documents.push_back(std::make_shared<const Document>(Document{path, text}));
  }
  return documents;
}

std::string section(const std::string& title, std::size_t bytes) {
  return "## " + title + "\n\n" + std::string(bytes, 'x') + "\n";
}

std::string text_of(const Layer& layer) {
  return layer.escaped;
}

LayoutPolicy overlay() {
  return {};
}

LayoutPolicy exact() {
  LayoutPolicy policy;
  policy.kind = LayoutKind::exact;
  return policy;
}

/// Twenty documents of three sections of 1,000 bytes.
Texts handbook() {
  Texts texts;
  for (int i = 10; i < 30; ++i) {
    auto& text = texts["doc" + std::to_string(i) + ".md"];
    for (const auto* title : {"One", "Two", "Three"}) text += section(title, 1000);
  }
  return texts;
}

TEST(LayoutTest, TheFirstIsOneLayerWithAllDocuments) {
  const auto texts = handbook();
  const auto layers = render(first_layout(snapshot(texts)));
  ASSERT_EQ(layers.size(), 1u);
  EXPECT_EQ(read_as_told(layers), texts);
}

TEST(LayoutTest, AnUpdateLeavesTheFirstLayerAndSaysTheSectionAgain) {
  auto texts = handbook();
  const auto before = first_layout(snapshot(texts));
  texts["doc15.md"] = section("One", 1000) + section("Two", 900) + section("Three", 1000);
  const auto after = render(next_layout(before, snapshot(texts), 1, overlay()));
  ASSERT_EQ(after.size(), 2u);
  EXPECT_EQ(after[0].hash, render(before)[0].hash);
  EXPECT_LT(after[1].text_bytes, 1600u);
  EXPECT_NE(text_of(after[1]).find(R"(<document_superseded section=\"## Two\"/>)"),
            std::string::npos);
  EXPECT_NE(text_of(after[1]).find(R"(<document_content after=\"## One\">)"), std::string::npos);
  EXPECT_EQ(read_as_told(after), texts);
}

TEST(LayoutTest, TheSameDocumentsAreTheSameLayout) {
  const auto texts = handbook();
  auto layout = first_layout(snapshot(texts));
  layout.last_layer_cost = 1;
  EXPECT_EQ(next_layout(layout, snapshot(texts), 1, overlay()).last_layer_cost, 1);
}

/// Twenty documents, of which two have been edited: the first layer is as it was.
Layout amended(const Texts& texts) {
  auto before = handbook();
  before["doc15.md"] = section("Old", 2000);
  before["doc25.md"] = section("Old", 2000);
  return next_layout(first_layout(snapshot(before)), snapshot(texts), 1, overlay());
}

TEST(LayoutTest, WhatIsSupersededGoesWhenItIsForbiddenAlthoughNothingChanged) {
  const auto texts = handbook();
  const auto before = amended(texts);
  ASSERT_GT(stale_share(before), 0);
  const auto after = next_layout(before, snapshot(texts), 1, exact());
  EXPECT_EQ(stale_share(after), 0);
  EXPECT_EQ(read_as_told(render(after)), texts);
}

TEST(LayoutTest, ANewBoundOfWhatIsSupersededHoldsAlthoughNothingChanged) {
  const auto texts = handbook();
  const auto before = amended(texts);
  LayoutPolicy strict;
  strict.max_stale_share = stale_share(before) / 2;
  const auto after = next_layout(before, snapshot(texts), 1, strict);
  EXPECT_LE(stale_share(after), strict.max_stale_share);
  EXPECT_EQ(read_as_told(render(after)), texts);
}

TEST(LayoutTest, SupersededTextIsAllowedWithoutWritingAnything) {
  const auto texts = handbook();
  const auto before = next_layout(amended(texts), snapshot(texts), 1, exact());
  EXPECT_EQ(content_id(render(next_layout(before, snapshot(texts), 1, overlay()))),
            content_id(render(before)));
}

TEST(LayoutTest, ALayoutWithoutSupersededTextIsExactAsItIs) {
  const auto texts = handbook();
  const auto before = first_layout(snapshot(texts));
  EXPECT_EQ(content_id(render(next_layout(before, snapshot(texts), 1, exact()))),
            content_id(render(before)));
}

/// The paths of all layers, front to tail.
std::vector<std::string> told_order(const Layout& layout) {
  std::vector<std::string> paths;
  for (const auto& layer : render(layout)) {
    paths.insert(paths.end(), layer.paths.begin(), layer.paths.end());
  }
  return paths;
}

TEST(LayoutTest, ExactPutsBehindWhatChangesMost) {
  auto texts = handbook();
  auto layout = first_layout(snapshot(texts));
  for (int i = 1; i < 10; ++i) {
    texts["doc11.md"] = section("Hot", 3000 + static_cast<std::size_t>(i));
    if (i == 5) texts["doc12.md"] = section("Warm", 3000);
    if (i == 9) texts["doc10.md"] = section("Cold", 3000);  // in front of all others
    layout = next_layout(layout, snapshot(texts), 1, exact());
  }
  const auto order = told_order(layout);
  ASSERT_EQ(order.size(), texts.size());
  EXPECT_EQ(std::vector(order.end() - 3, order.end()),
            (std::vector<std::string>{"doc12.md", "doc10.md", "doc11.md"}));
}

/// As caches see it that find every byte again: also where less is expected by now of what stands
/// there than of what stands in front of it.
TEST(LayoutTest, ExactKeepsTheOrderOfWhatStandsInFrontOfTheFirstChange) {
  auto texts = handbook();
  texts["tiny.md"] = section("Tiny", 50);
  auto layout = first_layout(snapshot(texts));
  std::vector<std::string> changes(40, "doc28.md");
  changes.insert(changes.begin(), {"doc10.md", "doc20.md", "doc15.md"});
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const auto& changed = changes[i];
    texts[changed] = section("New", 2500 + i);
    const auto before = told_order(layout);
    layout = next_layout(layout, snapshot(texts), 1, exact());
    const auto after = told_order(layout);
    const auto first = std::ranges::find(before, changed) - before.begin();
    ASSERT_TRUE(std::equal(before.begin(), before.begin() + first, after.begin())) << i;
    EXPECT_GE(std::ranges::find(after, changed) - after.begin(), 18) << i;
  }
}

TEST(LayoutTest, ExactWritesItsLayersAgainWhenTooMuchHasComeBehindThem) {
  auto texts = handbook();
  auto layout = first_layout(snapshot(texts));
  texts["doc10.md"] = section("New", 2500);
  layout = next_layout(layout, snapshot(texts), 1, exact());
  for (int i = 100; i < 200; ++i) {  // only ever new documents
    texts["doc" + std::to_string(i) + ".md"] = section("New", 3000);
    layout = next_layout(layout, snapshot(texts), 1, exact());
    const auto layers = render(layout);
    ASSERT_EQ(layers.size(), 3u);
    const auto all = layers[0].text_bytes + layers[1].text_bytes + layers[2].text_bytes;
    EXPECT_GT(layers[0].text_bytes * 5, all) << i;
    EXPECT_LT(layers[2].text_bytes * 2, all) << i;
    EXPECT_EQ(read_as_told(layers), texts) << i;
  }
}

/// From one policy to the other and back while documents change.
TEST(LayoutTest, PoliciesMayTakeTurns) {
  auto texts = handbook();
  auto layout = first_layout(snapshot(texts));
  for (int i = 10; i < 30; ++i) {
    texts["doc" + std::to_string(i) + ".md"] += section("More", 300);
    LayoutPolicy policy;
    policy.kind = i % 4 < 2 ? LayoutKind::overlay : LayoutKind::exact;
    layout = next_layout(layout, snapshot(texts), 1, policy);
    EXPECT_EQ(read_as_told(render(layout)), texts) << i;
    if (policy.kind == LayoutKind::overlay) continue;
    EXPECT_EQ(stale_share(layout), 0) << i;
  }
}

TEST(LayoutTest, ADocumentThatOnlyMovedIsNotSaidAgain) {
  auto texts = handbook();
  const auto before = first_layout(snapshot(texts));
  auto moved = texts.extract("doc12.md");
  moved.key() = "archive/doc12.md";
  texts.insert(std::move(moved));
  const auto layers = render(next_layout(before, snapshot(texts), 1, overlay()));
  ASSERT_EQ(layers.size(), 2u);
  EXPECT_LT(layers[1].text_bytes, 600u);
  EXPECT_NE(text_of(layers[1]).find("<document_formerly>doc12.md</document_formerly>"),
            std::string::npos);
  EXPECT_EQ(read_as_told(layers), texts);
}

TEST(LayoutTest, SectionsOfOneTitleAreToldApart) {
  const auto twins = [](char last) {
    return section("Example", 500) + section("Text", 500) + section("Example", 500) + "y" + last +
           "\n" + section("End", 4000);
  };
  Texts texts{{"a.md", twins('1')}, {"b.md", section("B", 9000)}};
  const auto before = first_layout(snapshot(texts));
  texts["a.md"] = twins('2');
  const auto layers = render(next_layout(before, snapshot(texts), 1, overlay()));
  EXPECT_NE(text_of(layers.at(1)).find(R"(section=\"## Example\" occurrence=\"2\")"),
            std::string::npos);
  EXPECT_EQ(read_as_told(layers), texts);
}

TEST(LayoutTest, SupersededTextStaysUnderItsShare) {
  auto texts = handbook();
  auto layout = first_layout(snapshot(texts));
  for (int i = 10; i < 30; ++i) {
    texts["doc" + std::to_string(i) + ".md"] = section("One", 1001) + section("Two", 1000);
    layout = next_layout(layout, snapshot(texts), 1, overlay());
    EXPECT_LE(stale_share(layout), overlay().max_stale_share) << i;
    EXPECT_EQ(read_as_told(render(layout)), texts) << i;
  }
}

TEST(LayoutTest, ManyRequestsAreWorthANewBase) {
  auto texts = handbook();
  auto policy = overlay();
  policy.requests_per_day = 1e6;
  const auto before = first_layout(snapshot(texts));
  texts["doc15.md"] = section("One", 10);
  const auto after = next_layout(before, snapshot(texts), 1, policy);
  EXPECT_EQ(stale_share(after), 0);
}

/// Random edits to random documents: what a team does in years.
class History {
 public:
  explicit History(std::uint32_t seed) : random_(seed) {
    for (int i = 0; i < 12; ++i) put();
  }

  const Texts& edit() {
    for (auto edits = pick(4) + 1; edits > 0; --edits) {
      const auto what = pick(10);
      if (what == 0) put();
      if (what == 1 && texts_.size() > 3) gone_.insert(texts_.extract(any()));
      if (what == 2) move();
      if (what == 3 && !gone_.empty()) texts_.insert(gone_.extract(gone_.begin()));
      if (what > 3) rewrite(any()->second);
    }
    return texts_;
  }
  const Texts& texts() const { return texts_; }

 private:
  std::size_t pick(std::size_t below) { return random_() % below; }
  Texts::iterator any() {
    return std::next(texts_.begin(), static_cast<std::ptrdiff_t>(pick(texts_.size())));
  }
  std::string any_section() {
    static const char* const kTitles[] = {"Scope", "Leave \"paid\"", "Tools", "Örtliches"};
    return section(kTitles[pick(4)], pick(400)) + (pick(3) == 0 ? "```\n# no heading\n```\n" : "");
  }
  void put() {
    auto& text = texts_["d" + std::to_string(pick(40)) + "/n" + std::to_string(pick(6)) + ".md"];
    text = pick(2) == 0 ? "Preamble\n" : "";
    for (auto n = pick(8) + 1; n > 0; --n) text += any_section();
  }
  void move() {
    auto node = texts_.extract(any());
    node.key() = "moved" + std::to_string(pick(1000)) + node.key();
    texts_.insert(std::move(node));
  }
  void rewrite(std::string& text) {
    const auto sections = split_sections(text);
    const auto at = pick(sections.size());
    std::string edited;
    for (std::size_t i = 0; i < sections.size(); ++i) {
      if (i == at && pick(3) == 0) continue;  // drops it
      edited += i == at ? any_section() : std::string(sections[i]);
    }
    text = edited.empty() ? any_section() : edited;
  }

  std::mt19937 random_;
  Texts texts_;
  Texts gone_;
};

struct Case {
  LayoutKind kind;
  double requests_per_day;
};

class LayoutOverAHistory : public testing::TestWithParam<Case> {};

TEST_P(LayoutOverAHistory, TellsEachCurrentDocumentOnceAndNothingElse) {
  LayoutPolicy policy;
  policy.kind = GetParam().kind;
  policy.requests_per_day = GetParam().requests_per_day;
  for (std::uint32_t seed = 0; seed < 3; ++seed) {
    History history(seed);
    auto layout = first_layout(snapshot(history.texts()));
    for (int i = 0; i < 40; ++i) {
      layout = next_layout(layout, snapshot(history.edit()), 1, policy);
      const auto layers = render(layout);
      ASSERT_LE(layers.size(), 3u);
      ASSERT_EQ(read_as_told(layers), history.texts()) << "seed " << seed << ", update " << i;
      const auto most = policy.kind == LayoutKind::exact ? 0 : policy.max_stale_share;
      ASSERT_LE(stale_share(layout), most) << "seed " << seed << ", update " << i;
    }
  }
}

TEST_P(LayoutOverAHistory, IsTheSameForTheSameHistory) {
  LayoutPolicy policy;
  policy.kind = GetParam().kind;
  policy.requests_per_day = GetParam().requests_per_day;
  const auto last_layers = [&policy] {
    History history(7);
    auto layout = first_layout(snapshot(history.texts()));
    for (int i = 0; i < 20; ++i) layout = next_layout(layout, snapshot(history.edit()), 1, policy);
    return content_id(render(layout));
  };
  EXPECT_EQ(last_layers(), last_layers());
}

TEST(LayoutOverAHistoryOfPolicies, TellsEachCurrentDocumentOnceAndNothingElse) {
  for (std::uint32_t seed = 0; seed < 60; ++seed) {
    History history(seed);
    std::mt19937 random(seed);
    auto layout = first_layout(snapshot(history.texts()));
    for (int i = 0; i < 40; ++i) {
      LayoutPolicy policy;
      if (random() % 4 == 0) policy.kind = LayoutKind::exact;
      policy.requests_per_day = random() % 2 == 0 ? 1 : 1000;
      policy.max_stale_share = random() % 2 == 0 ? 0.05 : 0.3;
      layout = next_layout(layout, snapshot(history.edit()), 1, policy);
      ASSERT_EQ(read_as_told(render(layout)), history.texts()) << "seed " << seed << ", " << i;
    }
  }
}

/// Told in the first layer, gone in the second, and as it was in the third.
TEST(LayoutTest, ADocumentThatCameBackHasOnePlace) {
  const auto all = snapshot({{"a.md", section("A", 100)}, {"b.md", section("B", 100)}});
  Layout layout = first_layout(all);
  layout.middle = {all[0]};
  const auto told = snapshot({{"a.md", section("A", 100)},
                              {"b.md", section("B", 100)},
                              {"c.md", section("C", 900)},
                              {"d.md", section("D", 100)}});
  layout.current = told;
  Texts texts;
  for (const auto& document : told) texts[document->path] = document->text;
  texts["d.md"] = section("D", 200);
  const auto after = next_layout(layout, snapshot(texts), 1, exact());
  EXPECT_EQ(read_as_told(render(after)), texts);
}

INSTANTIATE_TEST_SUITE_P(Layouts, LayoutOverAHistory,
                         testing::Values(Case{LayoutKind::overlay, 1},
                                         Case{LayoutKind::overlay, 1000},
                                         Case{LayoutKind::exact, 10}));

}  // namespace
}  // namespace foreword::assembler
