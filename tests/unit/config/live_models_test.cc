// A table that is replaced while somebody reads: what was read stays good.
#include "config/live_models.h"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

namespace foreword::config {
namespace {

ModelTable named(const std::string& version) {
  return ModelTable::built_in().with({}, version);
}

TEST(LiveModelsTest, ShowTheFirstTableUntilItIsReplaced) {
  LiveModels models(ModelTable::built_in());
  EXPECT_EQ(&models.now(), &ModelTable::built_in());
  models.replace(named("next"));
  EXPECT_EQ(models.now().version(), "next");
  EXPECT_EQ(&models.first(), &ModelTable::built_in());
}

TEST(LiveModelsTest, KeepWhatSomebodyStillHolds) {
  LiveModels models(ModelTable::built_in());
  models.replace(named("a"));
  const auto& held = models.now();
  const auto* model = held.find(Provider::openai, "gpt-5.2");
  models.replace(named("b"));
  EXPECT_EQ(held.version(), "a");
  EXPECT_EQ(model->name, "gpt-5.2");
}

TEST(LiveModelsTest, AreReadWhileTheyAreReplaced) {
  LiveModels models(ModelTable::built_in());
  std::atomic<bool> stop = false;
  std::atomic<bool> found_always = true;
  std::thread reader([&] {
    while (!stop) {
      const auto* model = models.now().find(Provider::openai, "gpt-5.2");
      if (model == nullptr || model->name != "gpt-5.2") found_always = false;
    }
  });
  for (int i = 0; i < 50; ++i) models.replace(named(std::to_string(i)));
  stop = true;
  reader.join();
  EXPECT_TRUE(found_always);
  EXPECT_EQ(models.now().version(), "49");
}

}  // namespace
}  // namespace foreword::config
