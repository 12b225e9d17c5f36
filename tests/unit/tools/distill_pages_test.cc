#include "tools/distill_pages.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace foreword::tools {
namespace {

/// Answers with one page after the other, and remembers what it was asked.
struct Pages {
  std::vector<std::string> pages;
  std::vector<std::string> asked;

  AdminConnection connection() {
    return [this](std::string_view, std::string_view target,
                  std::string) -> config::Result<boost::json::value> {
      asked.emplace_back(target);
      if (asked.size() > pages.size()) return config::Error{"no more"};
      return boost::json::parse(pages[asked.size() - 1]);
    };
  }
};

TEST(DistillPages, AreReadToTheLast) {
  Pages pages{{R"({"lines":["a","b"],"left_out":{"media":1},"next":"77"})",
               R"({"lines":[],"left_out":{"media":2,"refused":1},"next":"78"})",
               R"({"lines":["c"],"left_out":{},"next":null})"},
              {}};
  std::string all;
  const auto result =
      for_each_example(pages.connection(), {{}, "a&b", "openai"}, [&](std::string_view line) {
        all += line;
        return true;
      });
  EXPECT_EQ(all, "abc");
  EXPECT_EQ(pages.asked[0], "/api/distill/examples?label=a%26b&format=openai");
  EXPECT_EQ(pages.asked[2], "/api/distill/examples?label=a%26b&format=openai&first=78");
  EXPECT_EQ(result.value().examples, 3u);
  EXPECT_EQ(summary_of(*result),
            "3 examples; left out: 3 with images, documents or sound, 1 refused by the model or a "
            "filter");
}

TEST(DistillPages, StopWhereNobodyReadsOn) {
  Pages pages{{R"({"lines":["a","b"],"left_out":{},"next":"77"})"}, {}};
  const auto result = for_each_example(pages.connection(), {{}, "", "openai"},
                                       [](std::string_view) { return false; });
  EXPECT_EQ(result.value().examples, 1u);
  EXPECT_EQ(summary_of(*result), "1 examples");
}

TEST(DistillPages, PassAnErrorOn) {
  Pages pages;
  const auto result = for_each_example(pages.connection(), {{}, "", "openai"},
                                       [](std::string_view) { return true; });
  EXPECT_EQ(result.error().message, "no more");
}

}  // namespace
}  // namespace foreword::tools
