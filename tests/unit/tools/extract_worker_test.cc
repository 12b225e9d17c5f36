// The worker process: a file can end only the process that reads it, and every limit has a name.
#include "tools/documents/extract_worker.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include "support/temp_dir.h"
#include "unit/tools/file_makers.h"

namespace foreword::tools {
namespace {

class ExtractWorkerTest : public testing::Test {
 protected:
  config::Result<std::string> extract(ExtractWorker& worker, ExtractFormat format,
                                      std::string_view bytes) {
    const auto path = folder_.path() / "file";
    test::write_file(path, bytes);
    const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    return worker.extract(format, file.get());
  }
  std::string reason(ExtractLimits limits, ExtractFormat format, std::string_view bytes) {
    ExtractWorker worker(ExtractWorker::beside_this_program(), limits);
    const auto text = extract(worker, format, bytes);
    return text ? "no error" : text.error().message;
  }
  test::TempDir folder_;
};

/// Elements that close each other: libxml2 looks through all that are open for each.
std::string slow_page() {
  std::string page;
  for (int i = 0; i < 400; ++i) page += "<b>";
  for (int i = 0; i < 3'000'000; ++i) page += "<p></i>";
  return page;
}

TEST_F(ExtractWorkerTest, OneWorkerReadsFileAfterFile) {
  ExtractWorker worker;
  for (int i = 0; i < 3; ++i) {
    const auto html = extract(worker, ExtractFormat::html, "<h1>Title</h1>");
    ASSERT_TRUE(html) << html.error().message;
    EXPECT_EQ(*html, "# Title");
    const auto pdf = extract(worker, ExtractFormat::pdf, test::make_pdf({{"Page"}}));
    ASSERT_TRUE(pdf) << pdf.error().message;
    EXPECT_EQ(*pdf, "Page\n\n");
  }
}

TEST_F(ExtractWorkerTest, AFileThatIsRefusedSaysWhyAndTheNextIsRead) {
  ExtractWorker worker;
  const auto refused = extract(worker, ExtractFormat::docx, "no zip");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("no zip archive"), std::string::npos);
  EXPECT_TRUE(extract(worker, ExtractFormat::html, "<p>next"));
}

TEST_F(ExtractWorkerTest, TimeIsLimited) {
  ExtractLimits limits;
  limits.cpu_time = std::chrono::seconds(1);
  EXPECT_EQ(reason(limits, ExtractFormat::html, slow_page()), "extraction takes more than 1 s");
}

TEST_F(ExtractWorkerTest, TimeThatPassesIsLimitedToo) {
  ExtractLimits limits;
  limits.wall_time = std::chrono::seconds(1);
  EXPECT_EQ(reason(limits, ExtractFormat::html, slow_page()), "extraction takes more than 1 s");
}

// 100 MB of elements make several times that of a tree. AddressSanitizer needs all address space.
TEST_F(ExtractWorkerTest, MemoryIsLimited) {
  if (kShadowMemory) GTEST_SKIP();
  ExtractLimits limits;
  limits.memory_bytes = 128u << 20;
  std::string page;
  for (int i = 0; i < 5'000'000; ++i) page += "<p>paragraph</p>\n";
  EXPECT_EQ(reason(limits, ExtractFormat::html, page),
            "extraction takes more than 128 MB of memory");
}

TEST_F(ExtractWorkerTest, AfterALimitTheNextFileIsRead) {
  ExtractLimits limits;
  limits.cpu_time = std::chrono::seconds(1);
  ExtractWorker worker(ExtractWorker::beside_this_program(), limits);
  EXPECT_FALSE(extract(worker, ExtractFormat::html, slow_page()));
  EXPECT_TRUE(extract(worker, ExtractFormat::html, "<p>next"));
}

/// Reads what it is sent, and never answers.
TEST_F(ExtractWorkerTest, AWorkerThatNeverEndsIsGivenUp) {
  ExtractLimits limits;
  limits.wall_time = std::chrono::seconds(0);
  limits.grace = std::chrono::milliseconds(10);
  ExtractWorker worker("/bin/cat", limits);
  const auto text = extract(worker, ExtractFormat::html, "<p>a");
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().message, "extraction takes more than 0 s");
}

TEST_F(ExtractWorkerTest, TextIsLimited) {
  ExtractLimits limits;
  limits.output_bytes = 1000;
  EXPECT_EQ(reason(limits, ExtractFormat::html, "<p>" + std::string(2000, 'a')),
            "there are more than 1000 bytes of text in it");
}

TEST_F(ExtractWorkerTest, AProgramThatIsNotThereIsNamed) {
  ExtractWorker worker("/nonexistent/foreword-extract");
  const auto text = extract(worker, ExtractFormat::html, "<p>a");
  ASSERT_FALSE(text);
  EXPECT_NE(text.error().message.find("/nonexistent/foreword-extract cannot be started"),
            std::string::npos)
      << text.error().message;
}

TEST_F(ExtractWorkerTest, AWorkerThatDiesIsStartedAgain) {
  ExtractWorker worker("/bin/true");
  EXPECT_FALSE(extract(worker, ExtractFormat::html, "<p>a"));
  EXPECT_FALSE(extract(worker, ExtractFormat::html, "<p>a"));
}

}  // namespace
}  // namespace foreword::tools
