// What an update does to the documents, as people are told.
#include "assembler/document_changes.h"

#include <gtest/gtest.h>

namespace foreword::assembler {
namespace {

std::shared_ptr<const Document> document(std::string path, std::string text) {
  Document made;
  made.path = std::move(path);
  made.text = std::move(text);
  return std::make_shared<const Document>(std::move(made));
}

std::string page(char c) {
  return "# Page\n" + std::string(1000, c) + "\n";
}

using Names = std::vector<std::string>;

TEST(DocumentChanges, AreInOneListEach) {
  const Snapshot before = {document("changed.md", page('c')), document("gone.md", page('g')),
                           document("moved.md", page('m')), document("same.md", page('s'))};
  const Snapshot after = {document("changed.md", page('d')), document("elsewhere.md", page('m')),
                          document("new.md", page('n')), document("same.md", page('s'))};
  const auto changes = document_changes(before, after);
  EXPECT_EQ(changes.added, Names{"new.md"});
  EXPECT_EQ(changes.changed, Names{"changed.md"});
  EXPECT_EQ(changes.removed, Names{"gone.md"});
  EXPECT_EQ(changes.renamed, (std::vector<RenamedDocument>{{"moved.md", "elsewhere.md"}}));
}

TEST(DocumentChanges, OfTheFirstVersionAreAllAdded) {
  EXPECT_EQ(document_changes({}, {document("a", "a\n"), document("b", "b\n")}).added,
            (Names{"a", "b"}));
}

// 2,000 bytes of text, of which the first 1,500 stay: the rest is a quarter of what is sent.
TEST(RewrittenInOneRun, IsFromTheFirstChangedByteOn) {
  const Snapshot before = {document("a", std::string(1000, 'a')),
                           document("b", std::string(1000, 'b'))};
  const Snapshot after = {before[0], document("b", std::string(500, 'b') + std::string(500, 'x'))};
  EXPECT_EQ(rewritten_in_one_run(before, after), measure_layer({}, after).text_bytes / 4);
}

TEST(RewrittenInOneRun, IsAllThatStandsBehindTextThatWasAppended) {
  const Snapshot before = {document("a", std::string(500, 'a')),
                           document("b", std::string(1000, 'b'))};
  const Snapshot after = {document("a", std::string(1000, 'a')), before[1]};
  EXPECT_EQ(rewritten_in_one_run(before, after), measure_layer({}, after).text_bytes * 3 / 4);
}

TEST(RewrittenInOneRun, IsNothingWithoutAChangeAndAllOfTheFirstVersion) {
  const Snapshot documents = {document("a", page('a')), document("b", page('b'))};
  EXPECT_EQ(rewritten_in_one_run(documents, documents), 0u);
  EXPECT_EQ(rewritten_in_one_run({}, documents), measure_layer({}, documents).text_bytes);
}

}  // namespace
}  // namespace foreword::assembler
