// That the strict reader of the other tests is strict.
#include "support/prometheus_text.h"

#include <gtest/gtest.h>

namespace foreword::test {
namespace {

TEST(PrometheusText, ReadsWhatIsRight) {
  const auto page = read_prometheus_text(
      "# HELP a_total help\n# TYPE a_total counter\na_total{x=\"q\\\"\\\\\\n\"} 1\na_total 2\n"
      "# HELP h help\n# TYPE h histogram\nh_count 3\nh_sum 4\nh_bucket{le=\"1\"} 2\n"
      "h_bucket{le=\"+Inf\"} 3\n");
  EXPECT_EQ(page.problems, "");
  EXPECT_EQ(page.values.at("a_total{x=\"q\"\\\n\"}"), 1);
}

TEST(PrometheusText, RefusesWhatIsWrong) {
  const std::string head = "# HELP a_total help\n# TYPE a_total counter\n";
  const std::string histogram = "# HELP h help\n# TYPE h histogram\n";
  for (const auto& text :
       {head + "a_total 1", head + "a_total 1\n" + head + "a_total 1\n",
        head + "a_total{x=\"1\"} 1\na_total{x=\"1\"} 2\n", head + "a_total{x=\"a\"b\"} 1\n",
        head + "a_total{1x=\"a\"} 1\n", head + "a_total nan\n", head + "a_total -1\n", head,
        head + "b_total 1\n", std::string("# HELP a help\n# TYPE a counter\na 1\n"),
        std::string("# HELP a_total help\n# TYPE a_total gauge\na_total 1\n"),
        histogram + "h_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 1\nh_count 1\nh_sum 1\n",
        histogram + "h_bucket{le=\"1\"} 2\nh_count 2\nh_sum 1\n",
        histogram + "h_bucket{le=\"+Inf\"} 2\nh_count 3\nh_sum 1\n"}) {
    EXPECT_NE(read_prometheus_text(text).problems, "") << text;
  }
}

}  // namespace
}  // namespace foreword::test
