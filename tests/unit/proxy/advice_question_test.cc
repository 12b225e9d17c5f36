#include "proxy/advice_question.h"

#include <string>

#include <gtest/gtest.h>

namespace foreword::proxy {
namespace {

using config::FinetuneSettings;
using config::kOne;
using config::Range;

FinetuneSettings asked(std::string_view query) {
  return assumptions_asked_for(query, FinetuneSettings()).value();
}
std::string refused(std::string_view query) {
  const auto answer = assumptions_asked_for(query, FinetuneSettings());
  return answer ? "not refused" : answer.error().message;
}

TEST(AdviceQuestion, WithoutAssumptionsLeavesTheSettings) {
  const FinetuneSettings settings;
  EXPECT_EQ(asked("").gpu_usd_per_hour, settings.gpu_usd_per_hour);
  EXPECT_EQ(asked("from=2026-11-01&to=2026-12-01").gpu_usd_per_hour, settings.gpu_usd_per_hour);
}

TEST(AdviceQuestion, OneNumberHoldsForAllThreeEstimates) {
  EXPECT_EQ(asked("gpu_usd_per_hour=2").gpu_usd_per_hour, (Range{{2 * kOne, 2 * kOne, 2 * kOne}}));
}

TEST(AdviceQuestion, ThreeNumbersAreLowTypicalAndHigh) {
  EXPECT_EQ(asked("spare_gpus=0,1,2.5&from=2026-11-01").spare_gpus, (Range{{0, kOne, 2'500'000}}));
  EXPECT_EQ(asked("spare_gpus=0%2C1%2C2").spare_gpus, (Range{{0, kOne, 2 * kOne}}));
}

TEST(AdviceQuestion, LeavesWhatIsNotAskedForAsItIs) {
  FinetuneSettings settings;
  settings.epochs = {{7 * kOne, 7 * kOne, 7 * kOne}};
  EXPECT_EQ(assumptions_asked_for("gpu_usd_per_hour=2", settings).value().epochs, settings.epochs);
}

TEST(AdviceQuestion, NamesWhatItDoesNotTake) {
  EXPECT_EQ(refused("gpu_price=2"), "'gpu_price' is no assumption of [finetune], nor from or to");
  for (const auto* query : {"gpu_usd_per_hour=", "gpu_usd_per_hour=cheap", "gpu_usd_per_hour=-1",
                            "gpu_usd_per_hour=10001", "gpu_usd_per_hour=1,2",
                            "gpu_usd_per_hour=3,2,1", "gpu_usd_per_hour=1,2,3,4"}) {
    EXPECT_EQ(refused(query),
              "gpu_usd_per_hour takes a number from 0 to 10000, or three: low,typical,high, which "
              "rise from left to right")
        << query;
  }
  EXPECT_TRUE(refused("gpu_output_tokens_per_second=1,2,3").ends_with("fall from left to right"));
}

}  // namespace
}  // namespace foreword::proxy
