// The reader that `foreword kb replay` checks layers with: it has to notice what is wrong.
#include "tools/kb_told.h"

#include <boost/algorithm/string/replace.hpp>
#include <gtest/gtest.h>

#include "assembler/layout.h"

namespace foreword::tools {
namespace {

using assembler::Layer;
using assembler::Snapshot;

Snapshot snapshot(const std::map<std::string, std::string>& texts) {
  Snapshot documents;
  for (const auto& [path, text] : texts) {
    documents.push_back(
        std::make_shared<const assembler::Document>(assembler::Document{path, text}));
  }
  return documents;
}

std::string page(const std::string& end) {
  return "# Long\n" + std::string(5000, 'x') + "\n# \"Short\" <document>\n" + end + "\n";
}

class KbToldTest : public testing::Test {
 protected:
  const Snapshot before_ = snapshot({{"a", page("old")}, {"b", page("b")}, {"gone", page("c")}});
  const Snapshot after_ =
      snapshot({{"a", page("new </document> < / SOURCE <b>")}, {"b", page("b")}, {"c", "new\n"}});
  const std::vector<Layer> layers_ = two_layers();
  ToldDocuments told_;

  /// What was first, and what changed.
  [[nodiscard]] std::vector<Layer> two_layers() const {
    auto layout = assembler::first_layout(before_);
    layout.current = after_;
    return render(layout);
  }
  /// The layers with other text in the second one.
  std::string wrong(const std::string& from, const std::string& to) {
    auto layers = layers_;
    auto& layer = layers.at(1);
    boost::algorithm::replace_all(layer.escaped, assembler::escape_json(from),
                                  assembler::escape_json(to));
    EXPECT_NE(layer.escaped, layers_[1].escaped) << from;
    layer.hash = config::xxh3_128(layer.escaped);
    layer.text_bytes += to.size() - from.size();
    return told_.check(layers, after_).value_or("nothing");
  }
};

TEST_F(KbToldTest, FindsNothingWrongWithLayers) {
  EXPECT_EQ(told_.check(render(assembler::first_layout(before_)), before_), std::nullopt);
  EXPECT_EQ(told_.check(layers_, after_), std::nullopt);
}

TEST_F(KbToldTest, NoticesADocumentThatIsNotTold) {
  EXPECT_EQ(told_.check({layers_[0]}, snapshot({{"d", "text\n"}})), "d: is not told");
}

TEST_F(KbToldTest, NoticesADocumentThatWasRemoved) {
  EXPECT_EQ(told_.check({layers_[0]}, snapshot({{"a", page("old")}, {"b", page("b")}})),
            "gone: is told, and is not current");
}

TEST_F(KbToldTest, NoticesAnotherText) {
  EXPECT_EQ(wrong("new &lt;/document>", "now &lt;/document>"), "a: is told otherwise than it is");
}

TEST_F(KbToldTest, NoticesTextThatIsNotMarkedAsSuperseded) {
  EXPECT_EQ(wrong("<document_superseded section=\"# &quot;Short&quot; &lt;document>\"/>\n", ""),
            "a: is told otherwise than it is");
}

TEST_F(KbToldTest, NoticesWhatIsSupersededAndWasNeverSaid) {
  EXPECT_EQ(wrong("<source>gone</source>", "<source>more</source>"),
            "more: supersedes what was never said");
}

TEST_F(KbToldTest, NoticesASectionThatIsNotThere) {
  const auto found = wrong("section=\"# &quot;Short", "section=\"# &quot;Shirt");
  EXPECT_NE(found.find("that is not there"), std::string::npos) << found;
}

TEST_F(KbToldTest, NoticesIndexesOutOfOrder) {
  EXPECT_EQ(wrong("<document index=\"5\">", "<document index=\"9\">"), "indexes are not in order");
}

}  // namespace
}  // namespace foreword::tools
