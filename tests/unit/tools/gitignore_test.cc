// .gitignore: the rules of gitignore(5), and the same answers as git's own.
#include "tools/documents/gitignore.h"

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "support/temp_dir.h"
#include "unit/tools/file_makers.h"

namespace foreword::tools {
namespace {

bool ignores(std::string_view rules, std::string_view path, bool is_folder = false) {
  return IgnoreRules(rules).ignores(path, is_folder).value_or(false);
}

TEST(GitignoreTest, ANameMatchesAtEveryDepth) {
  EXPECT_TRUE(ignores("build", "build"));
  EXPECT_TRUE(ignores("build", "a/b/build"));
  EXPECT_FALSE(ignores("build", "rebuild"));
  EXPECT_FALSE(ignores("build", "build.md"));
}

TEST(GitignoreTest, ASlashAnchorsAPatternToItsFolder) {
  EXPECT_TRUE(ignores("/a.md", "a.md"));
  EXPECT_FALSE(ignores("/a.md", "b/a.md"));
  EXPECT_TRUE(ignores("docs/a.md", "docs/a.md"));
  EXPECT_FALSE(ignores("docs/a.md", "x/docs/a.md"));
}

TEST(GitignoreTest, ASlashAtTheEndMeansFoldersOnly) {
  EXPECT_TRUE(ignores("out/", "a/out", true));
  EXPECT_FALSE(ignores("out/", "a/out", false));
}

TEST(GitignoreTest, AStarStopsAtASlashAndTwoDoNot) {
  EXPECT_TRUE(ignores("a/*.md", "a/b.md"));
  EXPECT_FALSE(ignores("a/*.md", "a/b/c.md"));
  EXPECT_TRUE(ignores("a/**/c.md", "a/c.md"));
  EXPECT_TRUE(ignores("a/**/c.md", "a/b/b/c.md"));
  EXPECT_TRUE(ignores("**/c/d.md", "c/d.md"));
  EXPECT_TRUE(ignores("a/**", "a/b/c"));
  EXPECT_FALSE(ignores("a/**", "a", true));
}

TEST(GitignoreTest, TheLastPatternThatMatchesDecides) {
  EXPECT_FALSE(ignores("*.md\n!keep.md\n", "keep.md"));
  EXPECT_TRUE(ignores("!keep.md\n*.md\n", "keep.md"));
}

TEST(GitignoreTest, BracketsAndEscapesAreThoseOfGit) {
  EXPECT_TRUE(ignores("[a-c].md", "b.md"));
  EXPECT_FALSE(ignores("[!a-c].md", "b.md"));
  EXPECT_TRUE(ignores("[[:digit:]]*", "7up"));
  EXPECT_FALSE(ignores("[abc", "[abc"));
  EXPECT_TRUE(ignores("\\#notes", "#notes"));
  EXPECT_TRUE(ignores("\\!notes", "!notes"));
  EXPECT_TRUE(ignores("a\\ ", "a "));
  EXPECT_TRUE(ignores("a   ", "a"));
  EXPECT_FALSE(ignores("# a", "# a"));
}

TEST(GitignoreTest, TheNearestFileThatSaysSomethingDecides) {
  const auto above =
      std::make_shared<const IgnoreChain>(IgnoreChain{IgnoreRules("*.md\n*.txt\n"), 0, nullptr});
  const auto chain =
      std::make_shared<const IgnoreChain>(IgnoreChain{IgnoreRules("!a.md\n"), 5, above});
  EXPECT_FALSE(ignored_by(chain, "docs/a.md", false));
  EXPECT_TRUE(ignored_by(chain, "docs/b.md", false));
  EXPECT_TRUE(ignored_by(chain, "docs/c.txt", false));
}

TEST(GitignoreTest, ManyStarsTakeNoLongerThanOne) {
  std::string pattern;
  for (int i = 0; i < 200; ++i) pattern += "*a";
  EXPECT_FALSE(ignores(pattern + "b", std::string(2000, 'a')));
}

TEST(GitignoreTest, AgreesWithGit) {
  const std::string rules =
      "*.o\n!main.o\n/top\nsub/deep\nlogs/\n**/cache/*.bin\na/**/z\nx/**\n[!k]ey\nfoo*bar\n"
      "\\*star\nq?z\nsp\\ \ntrail  \n**\\/no\nd**e\n/**/two\n!x/y\n*/mid\nb/*/c\n***\\a\n[]-]\n";
  const std::vector<std::string> paths = {
      "a.o",        "main.o",  "s/main.o",    "top",           "s/top",         "sub/deep",
      "s/sub/deep", "logs",    "cache/a.bin", "p/cache/b.bin", "cache/p/b.bin", "a/z",
      "a/b/c/z",    "x/y",     "x/w",         "key",           "hey",           "foobar",
      "foo/bar",    "fooxbar", "*star",       "star",          "qaz",           "q/z",
      "sp ",        "trail",   "dxe",         "d/x/e",         "two",           "r/two",
      "r/s/two",    "mid",     "r/mid",       "r/s/mid",       "b/1/c",         "b/1/2/c",
      "]",          "-",       "plain"};
  const test::TempDir folder;
  if (std::system(("git init -q " + folder.path().string() + " 2>/dev/null").c_str()) != 0) {
    GTEST_SKIP() << "git is not installed";
  }
  test::write_file(folder.path() / ".gitignore", rules);
  std::string list;
  for (const auto& path : paths) list += path + "\n";
  test::write_file(folder.path() / "list", list);
  const auto said = folder.path() / "said";
  // Exits with 1 where nothing is ignored; the answer is what counts.
  (void)std::system(
      ("cd " + folder.path().string() + " && git check-ignore --no-index --stdin -v <list >said")
          .c_str());
  std::set<std::string> ignored;
  std::ifstream in(said);
  for (std::string line; std::getline(in, line);) {
    // SOURCE:LINE:PATTERN<tab>PATH; a pattern that begins with '!' says that it is kept.
    const auto tab = line.find('\t');
    const auto pattern = line.substr(line.find(':', line.find(':') + 1) + 1);
    auto path = line.substr(tab + 1);
    if (path.starts_with('"')) path = path.substr(1, path.size() - 2);
    if (!pattern.starts_with('!')) ignored.insert(path);
  }
  ASSERT_GT(ignored.size(), 10u);
  const IgnoreRules ours(rules);
  const auto chain = std::make_shared<const IgnoreChain>(IgnoreChain{ours, 0, nullptr});
  for (const auto& path : paths) {
    // git looks at the folders of a path first, as walking does.
    bool is_ignored = false;
    for (auto slash = path.find('/'); slash != std::string::npos && !is_ignored;
         slash = path.find('/', slash + 1)) {
      is_ignored = ignored_by(chain, path.substr(0, slash), true);
    }
    is_ignored = is_ignored || ignored_by(chain, path, false);
    EXPECT_EQ(is_ignored, ignored.contains(path)) << path;
  }
}

}  // namespace
}  // namespace foreword::tools
