// HTML to text: what is kept, how it is written, and what is dropped.
#include <gtest/gtest.h>

#include "assembler/document.h"
#include "tools/extract/extract.h"

namespace foreword::tools {
namespace {

/// As it gets into a document.
std::string text_of(std::string_view page) {
  const auto text = extract_html(page);
  if (!text) return "Error: " + text.error().message;
  const auto normalised = assembler::normalise_text(*text);
  return normalised ? *normalised : "Error: " + normalised.error().message;
}

TEST(ExtractHtmlTest, HeadingsParagraphsAndLinksAreMarkdown) {
  EXPECT_EQ(text_of("<h1>Leave</h1><p>Ask <a href='https://example.com/hr'>HR</a>\n  first.</p>"
                    "<h2 class=x>How   long</h2><p>Two&nbsp;weeks &amp; a day.<br>Or less."),
            "# Leave\n\nAsk [HR](https://example.com/hr) first.\n\n## How long\n\n"
            "Two weeks & a day.\nOr less.\n");
}

TEST(ExtractHtmlTest, ListsNestAndAreNumbered) {
  EXPECT_EQ(text_of("<p>To do:</p><ul><li>one<li><p>two</p><ol start=3><li>a</li><li>b</li></ol>"
                    "</li><li>three</li></ul><p>Done.</p>"),
            "To do:\n\n- one\n- two\n  3. a\n  4. b\n- three\n\nDone.\n");
}

TEST(ExtractHtmlTest, TablesAreMarkdownTables) {
  EXPECT_EQ(text_of("<table><thead><tr><th>Grade<th>Days</thead>"
                    "<tr><td rowspan=2>Senior</td><td>30</td></tr><tr><td>31 <b>a|b</b></td></tr>"
                    "<tr><td colspan=2>all</td></tr></table>"),
            "| Grade | Days |\n| --- | --- |\n| Senior | 30 |\n| Senior | 31 a\\|b |\n"
            "| all | |\n");
}

TEST(ExtractHtmlTest, CellsThatSpanEverythingCostLittle) {
  std::string table = "<table>";
  for (int i = 0; i < 1000; ++i) {
    table += "<tr><td colspan=999999999 rowspan=999999999>x</td><td>y</td></tr>";
  }
  EXPECT_LT(text_of(table).size(), 2'000'000u);
}

TEST(ExtractHtmlTest, ATableThatOnlyArrangesThePageIsNone) {
  EXPECT_EQ(text_of("<table><tr><td><h2>Left</h2><p>one</td><td><p>two</td></tr></table>"),
            "## Left\n\none\n\ntwo\n");
}

TEST(ExtractHtmlTest, CodeKeepsItsLinesAndIsFenced) {
  EXPECT_EQ(text_of("<p>Run <code>make <code>x</code></code>:</p>"
                    "<pre><code class='language-sh'>if a\n  then <b>b</b>\n\nfi\n</code></pre>"
                    "<pre>``` in it</pre>"),
            "Run `make x`:\n\n```sh\nif a\n  then b\n\nfi\n```\n\n````\n``` in it\n````\n");
}

TEST(ExtractHtmlTest, WhatStandsAroundTheTextIsDropped) {
  EXPECT_EQ(text_of("<html><head><title>Leave</title><style>p{}</style></head><body>"
                    "<header>Site</header><nav><a href=/>Home</a></nav><p>Kept.</p>"
                    "<script>alert('<p>no</p>')</script><aside>Ad</aside>"
                    "<div hidden>no</div><form><button>Go</button></form>"
                    "<footer>(c)</footer></body></html>"),
            "# Leave\n\nKept.\n");
}

TEST(ExtractHtmlTest, TheMainTextIsPreferredAndKeepsItsOwnHeader) {
  EXPECT_EQ(text_of("<body><div>Menu</div><main><header><h1>Title</h1></header><p>Text."
                    "<aside>Note</aside></main><div>More</div></body>"),
            "# Title\n\nText.\n\nNote\n");
  EXPECT_EQ(text_of("<div>Menu</div><div role=main><p>Text.</div>"), "Text.\n");
  EXPECT_EQ(text_of("<div>Before</div><main> </main>"), "Before\n");
}

TEST(ExtractHtmlTest, LinksWithinThePageAreItsText) {
  EXPECT_EQ(text_of("<h1>A<a class='headerlink' href='#a'>&para;</a></h1>"
                    "<p><a href='#b'>below</a>, <a href='javascript:x()'>run</a></p>"),
            "# A\n\nbelow, run\n");
  EXPECT_EQ(text_of("<dl><dt><code>A</code><a class='copiable-link' href='#a'> &para;</a></dt>"
                    "<dd>The first.</dd></dl>"),
            "`A`\n: The first.\n");
}

TEST(ExtractHtmlTest, CodeHoldsNoLinks) {
  EXPECT_EQ(text_of("<p><code><a href='not.html'>?not</a>(x)</code> or "
                    "<a href='not.html'><code>!x</code></a></p>"),
            "`?not(x)` or [`!x`](not.html)\n");
}

TEST(ExtractHtmlTest, TermsAndTheirDescriptions) {
  EXPECT_EQ(text_of("<dl><dt>KB</dt><dd><p>knowledge base</p></dd><dt>TTL</dt><dd>time</dd></dl>"),
            "KB\n: knowledge base\nTTL\n: time\n");
}

TEST(ExtractHtmlTest, TheEncodingThatThePageDeclaresIsUsed) {
  EXPECT_EQ(text_of("<meta charset=iso-8859-1><p>Gr\xFC\xDF"
                    "e"),
            "Grüße\n");
  EXPECT_EQ(text_of("<meta charset=utf-8><p>Grüße"), "Grüße\n");
}

TEST(ExtractHtmlTest, ANestingThatNoPersonWroteIsRefused) {
  std::string page;
  for (int i = 0; i < 1'000'000; ++i) page += "<div>";
  EXPECT_EQ(text_of(page + "deep"), "Error: its elements are nested more than 512 deep");
}

TEST(ExtractHtmlTest, AnEmptyPageHasNoText) {
  EXPECT_EQ(text_of("<html><body><nav>x</nav></body></html>").substr(0, 6), "Error:");
}

}  // namespace
}  // namespace foreword::tools
