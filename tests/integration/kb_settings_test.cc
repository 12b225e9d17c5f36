// What [kb.NAME] says is done: at loading, and for the requests of a label.
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <boost/json.hpp>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include "support/fake_upstream.h"
#include "support/proxy_under_test.h"

namespace foreword::test {
namespace {

using config::KbLayout;

/// A handbook whose pages are long beside an edit.
class KbSettingsTest : public testing::Test {
 protected:
  using Adjust = std::function<void(config::KbSettings&)>;

  /// Starts again with such a section [kb.book].
  void configure(const Adjust& adjust) {
    proxy_.restart([&](proxy::ServerOptions& options) {
      config::KbSettings kb;
      kb.name = "book";
      adjust(kb);
      options.settings.kbs = {kb};
    });
  }
  void configure(KbLayout layout) {
    configure([layout](auto& kb) { kb.layout = layout; });
  }

  void edit() { documents_[1].second = "# Long\n" + std::string(20'000, 'x') + "\n# Short\nnew\n"; }

  /// Was anything published?
  bool load() {
    boost::json::array list;
    for (const auto& [path, text] : documents_) list.push_back({{"path", path}, {"text", text}});
    const auto body = boost::json::serialize(boost::json::object{{"documents", list}});
    return proxy_.admin("PUT", "/api/kbs/book", body).at("changed").as_bool();
  }

  std::string sent(const std::string& target = "/kb/book/v1/messages",
                   const std::string& headers = "") {
    const auto answer =
        ask(proxy_, post(target, R"({"model":"claude-sonnet-5-5","messages":[]})", headers));
    EXPECT_EQ(answer.status(), 200) << answer.body;
    return upstream_.last_request().body;
  }
  bool sends_superseded_text() { return sent().find("<document_superseded") != std::string::npos; }

  static std::string page() { return "# Long\n" + std::string(20'000, 'x') + "\n# Short\nold\n"; }
  std::vector<std::pair<std::string, std::string>> documents_{
      {"a.md", page()}, {"b.md", page()}, {"c.md", page()}};
  FakeUpstream upstream_{[](const Message&, Wire& wire) { wire.send(ok_response("{}")); }};
  ProxyUnderTest proxy_{upstream_.url()};
};

TEST_F(KbSettingsTest, AnExactKnowledgeBaseSendsNoSupersededText) {
  configure(KbLayout::exact);
  load();
  edit();
  EXPECT_TRUE(load());
  EXPECT_FALSE(sends_superseded_text());
  EXPECT_NE(sent().find(R"(# Short\nnew\n)"), std::string::npos);
}

TEST_F(KbSettingsTest, AnExactOneKeepsTheOrderOfItsDocumentsAlsoAfterAStart) {
  configure(KbLayout::exact);
  load();
  for (const std::size_t edited : {0, 1}) {
    documents_[edited].second += "new\n";
    load();
  }
  const auto before = sent();
  const auto front = before.substr(0, before.find("<source>b.md"));
  EXPECT_LT(front.find("<source>c.md"), front.find("<source>a.md"));
  configure(KbLayout::exact);  // starts again
  documents_[1].second += "newer\n";
  load();
  EXPECT_EQ(sent().substr(0, front.size()), front);
}

TEST_F(KbSettingsTest, MadeExactItSendsNoneFromTheNextLoadOnAlthoughNoDocumentChanged) {
  load();
  edit();
  load();
  ASSERT_TRUE(sends_superseded_text());
  configure(KbLayout::exact);
  EXPECT_TRUE(sends_superseded_text()) << "settings alone publish nothing";
  EXPECT_TRUE(load());
  EXPECT_FALSE(sends_superseded_text());
  EXPECT_FALSE(load()) << "it is exact by now";
}

TEST_F(KbSettingsTest, MadeExactItKeepsItsBytesWhereNothingIsSuperseded) {
  load();
  const auto before = sent();
  configure(KbLayout::exact);
  EXPECT_FALSE(load());
  EXPECT_EQ(sent(), before);
}

TEST_F(KbSettingsTest, MadeAnOverlayItKeepsItsBytesUntilADocumentChanges) {
  configure(KbLayout::exact);
  load();
  const auto before = sent();
  configure(KbLayout::overlay);
  EXPECT_FALSE(load());
  EXPECT_EQ(sent(), before);
  edit();
  EXPECT_TRUE(load());
  EXPECT_TRUE(sends_superseded_text());
}

TEST_F(KbSettingsTest, ASmallerBoundOfSupersededTextHoldsFromTheNextLoadOn) {
  load();
  edit();
  load();
  EXPECT_FALSE(load()) << "within the bound, nothing has to go";
  configure([](auto& kb) { kb.max_stale_percent = 0; });
  EXPECT_TRUE(load());
  EXPECT_FALSE(sends_superseded_text());
}

TEST_F(KbSettingsTest, AnotherKnowledgeBaseIsAsByDefault) {
  proxy_.restart([](proxy::ServerOptions& options) {
    config::KbSettings other;
    other.name = "another";
    other.layout = KbLayout::exact;
    options.settings.kbs = {other};
  });
  load();
  edit();
  load();
  EXPECT_TRUE(sends_superseded_text());
}

TEST_F(KbSettingsTest, RequestsOfALabelGetWhatIsAttachedToIt) {
  configure([](auto& kb) { kb.attach_to = {"label:support"}; });
  load();
  const auto by_url = sent();
  EXPECT_EQ(sent("/v1/messages", "X-Foreword-Label: support\r\n"), by_url);
  EXPECT_NE(sent("/v1/messages", "X-Foreword-Label: sales\r\n"), by_url);
}

TEST_F(KbSettingsTest, RemovingOneThatSettingsAttachSaysWhichDo) {
  configure([](auto& kb) { kb.attach_to = {"label:support"}; });
  load();
  const auto answer = proxy_.admin("DELETE", "/api/kbs/book");
  EXPECT_EQ(answer.at("still_attached_by"), (boost::json::array{"kb.book.attach_to"}));
  EXPECT_EQ(ask(proxy_, post("/v1/messages", "{}", "X-Foreword-Label: support\r\n")).status(), 404);
}

TEST_F(KbSettingsTest, RemovingOneThatNoSettingAttachesSaysNothingOfThem) {
  load();
  const auto answer = proxy_.admin("DELETE", "/api/kbs/book");
  EXPECT_TRUE(answer.at("still_attached_by").as_array().empty());
}

/// What is logged while it lives.
class LogLines {
 public:
  LogLines() {
    auto sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(lines_);
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("lines", std::move(sink)));
  }
  ~LogLines() { spdlog::set_default_logger(std::move(before_)); }
  LogLines(const LogLines&) = delete;
  LogLines& operator=(const LogLines&) = delete;
  [[nodiscard]] std::string text() const { return lines_.str(); }

 private:
  std::ostringstream lines_;
  std::shared_ptr<spdlog::logger> before_ = spdlog::default_logger();
};

TEST_F(KbSettingsTest, ASectionWithoutAKnowledgeBaseIsWarnedOfAtTheStart) {
  const LogLines log;
  configure(KbLayout::overlay);
  EXPECT_NE(log.text().find("foreword kb load book PATH"), std::string::npos) << log.text();
}

TEST_F(KbSettingsTest, ASectionWithItsKnowledgeBaseIsNot) {
  load();
  const LogLines log;
  configure(KbLayout::overlay);
  EXPECT_EQ(log.text().find("[kb.book]"), std::string::npos) << log.text();
}

}  // namespace
}  // namespace foreword::test
