// `foreword kb load` against a store of its own: what is published, what is sent, what comes out.
#include "tools/kb_load.h"

#include <cstdlib>
#include <filesystem>
#include <thread>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "support/signal.h"
#include "support/temp_dir.h"
#include "tools/documents/folder_watch.h"
#include "unit/tools/file_makers.h"

namespace foreword::tools {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

/// An admin API over a store in a folder of the test, which remembers what was put.
class KbLoadTest : public testing::Test {
 protected:
  KbLoadTest() {
    setenv("XDG_CACHE_HOME", (folder_.path() / "cache").c_str(), 1);
    question_.kb = "handbook";
    question_.paths = {docs()};
    StoreSource source;
    source.data = (folder_.path() / "store").string();
    auto connected = connect_admin(source);
    EXPECT_TRUE(connected) << connected.error().message;
    store_ = std::move(*connected);
    admin_ = [this](std::string_view method, std::string_view target, std::string body) {
      if (method == "PUT") sent_ = body;
      return store_(method, target, std::move(body));
    };
  }
  ~KbLoadTest() override { unsetenv("XDG_CACHE_HOME"); }

  [[nodiscard]] fs::path docs() const { return folder_.path() / "docs"; }
  void write(const std::string& name, std::string_view text) {
    test::write_file(docs() / name, text);
  }
  int load() {
    answer_ = json::value();
    return load_into(admin_, question_, [this](const json::value& answer) { answer_ = answer; });
  }
  json::value shown() { return store_("GET", "/api/kbs/handbook", "").value(); }

  test::TempDir folder_;
  AdminConnection store_;
  AdminConnection admin_;
  LoadQuestion question_;
  std::string sent_;
  json::value answer_;
};

TEST_F(KbLoadTest, OnlyWhatChangedIsSentAgain) {
  write("a.md", "alpha\n");
  write("b.md", "beta\n");
  ASSERT_EQ(load(), 0);
  EXPECT_NE(sent_.find("alpha"), std::string::npos);

  write("b.md", "gamma\n");
  ASSERT_EQ(load(), 0);
  EXPECT_EQ(sent_.find("alpha"), std::string::npos) << sent_;
  EXPECT_NE(sent_.find("gamma"), std::string::npos) << sent_;
  EXPECT_TRUE(answer_.at("changed").as_bool());
  EXPECT_EQ(shown().at("document_list").as_array().size(), 2u);
}

TEST_F(KbLoadTest, AnUnchangedFolderPublishesNothing) {
  write("a.md", "alpha\n");
  ASSERT_EQ(load(), 0);
  ASSERT_EQ(load(), 0);
  EXPECT_FALSE(answer_.at("changed").as_bool());
  EXPECT_EQ(sent_.find("alpha"), std::string::npos) << sent_;
}

TEST_F(KbLoadTest, TextsThatAnotherLoadTookAwayAreSentAgain) {
  write("a.md", "alpha\n");
  ASSERT_EQ(load(), 0);
  // Between asking and putting, somebody else publishes something else.
  bool replaced = false;
  const auto direct = store_;
  store_ = [&](std::string_view method, std::string_view target, std::string body) {
    if (method == "PUT" && !replaced) {
      replaced = true;
      EXPECT_TRUE(direct("PUT", target, R"({"documents":[{"path":"z","text":"zeta"}]})"));
    }
    return direct(method, target, std::move(body));
  };
  ASSERT_EQ(load(), 0);
  EXPECT_TRUE(replaced);
  EXPECT_EQ(shown().at("document_list").at(0).at("path"), "a.md");
}

TEST_F(KbLoadTest, StrictLoadsNothingWhereSomethingIsSkipped) {
  write("a.md", "alpha\n");
  write(".hidden", "x");
  question_.strict = true;
  EXPECT_EQ(load(), 0);
  write("b.bin", "x");
  write("a.md", "beta\n");
  EXPECT_EQ(load(), 1);
  EXPECT_EQ(sent_.find("beta"), std::string::npos);
}

TEST_F(KbLoadTest, WhereNobodyAnswersNothingIsRead) {
  write("a.md", "alpha\n");
  store_ = [](std::string_view, std::string_view, const std::string&) {
    return config::Result<json::value>(config::Error{"no proxy answers"});
  };
  EXPECT_EQ(load(), 1);
  EXPECT_TRUE(sent_.empty());
}

TEST_F(KbLoadTest, AFolderWithoutDocumentsIsAnError) {
  write("a.bin", "x");
  EXPECT_EQ(load(), 1);
  EXPECT_TRUE(sent_.empty());
}

TEST_F(KbLoadTest, TheJsonAnswerNamesWhatWasSkipped) {
  write("a.md", "alpha\n");
  write("b\nc.md", "x\n");
  question_.as_json = true;
  testing::internal::CaptureStdout();
  ASSERT_EQ(load(), 0);
  const auto answer = json::parse(testing::internal::GetCapturedStdout());
  const auto& skipped = answer.at("skipped").as_array();
  ASSERT_EQ(skipped.size(), 1u);
  EXPECT_EQ(skipped[0].at("path"), json::string((docs() / "b\\nc.md").string()));
}

/// Waits on a thread of its own, so that a watch that sleeps on fails the test.
FolderWatch::Woken wait(FolderWatch& watch, int stop, const WatchTimes& times) {
  test::Signal<FolderWatch::Woken> woken;
  std::jthread waiter([&] { woken.set(watch.wait(stop, times)); });
  const auto came = woken.wait();
  EXPECT_TRUE(came.has_value());
  return came.value_or(FolderWatch::Woken::stopped);
}

class FolderWatchTest : public testing::Test {
 protected:
  FolderWatchTest() {
    EXPECT_EQ(pipe(stop_), 0);
    times_.quiet = std::chrono::milliseconds(20);
    times_.longest = std::chrono::milliseconds(200);
    times_.poll = std::chrono::milliseconds(20);
  }
  ~FolderWatchTest() override {
    close(stop_[0]);
    close(stop_[1]);
  }
  test::TempDir folder_;
  WatchTimes times_;
  int stop_[2] = {-1, -1};
};

TEST_F(FolderWatchTest, AChangeIsNoticed) {
  FolderWatch watch;
  watch.add(folder_.path());
  test::write_file(folder_.path() / "a.md", "a");
  EXPECT_EQ(wait(watch, stop_[0], times_), FolderWatch::Woken::changed);
  EXPECT_TRUE(watch.complete());
}

TEST_F(FolderWatchTest, ChangesWithoutEndAreReportedAllTheSame) {
  times_.quiet = std::chrono::hours(1);
  FolderWatch watch;
  watch.add(folder_.path());
  test::write_file(folder_.path() / "a.md", "a");
  EXPECT_EQ(wait(watch, stop_[0], times_), FolderWatch::Woken::changed);
}

TEST_F(FolderWatchTest, AFolderThatIsGoneMakesItLookNowAndThen) {
  FolderWatch watch;
  watch.add(folder_.path() / "gone");
  EXPECT_FALSE(watch.complete());
  EXPECT_EQ(wait(watch, stop_[0], times_), FolderWatch::Woken::changed);
}

TEST_F(FolderWatchTest, ItEndsWhenItIsToldTo) {
  FolderWatch watch;
  watch.add(folder_.path());
  ASSERT_EQ(write(stop_[1], "x", 1), 1);
  EXPECT_EQ(wait(watch, stop_[0], times_), FolderWatch::Woken::stopped);
}

}  // namespace
}  // namespace foreword::tools
