#include "tools/bench/process_stats.h"

#include <ctime>

#include <gtest/gtest.h>
#include <unistd.h>

namespace foreword::bench {
namespace {

TEST(ProcessStats, SchedstatBeginsWithTheNanosecondsRun) {
  EXPECT_EQ(parse_schedstat("5043288115 55733 1812\n"), 5'043'288'115U);
  EXPECT_EQ(parse_schedstat("0 0 0\n"), 0U);
}

TEST(ProcessStats, WhatIsNoSchedstatIsNothing) {
  EXPECT_FALSE(parse_schedstat(""));
  EXPECT_FALSE(parse_schedstat("\n"));
  EXPECT_FALSE(parse_schedstat("cpu 1 2 3"));
  EXPECT_FALSE(parse_schedstat("99999999999999999999999 0 0"));
}

TEST(ProcessStats, ResidentMemoryIsTheSumOverAllMappings) {
  constexpr auto* kRollup =
      "55a0d0000000-7ffd1c9e2000 ---p 00000000 00:00 0    [rollup]\n"
      "Rss:               13848 kB\n"
      "Pss:                9001 kB\n";
  EXPECT_EQ(parse_resident(kRollup), 13'848U * 1'024);
}

TEST(ProcessStats, AnonymousMemoryIsToldFromWhatIsMappedOfFiles) {
  constexpr const char* kRollup =
      "55d0c0000000-7ffd0b5fe000 ---p 00000000 00:00 0                          [rollup]\n"
      "Rss:               13848 kB\n"
      "Anonymous:          3628 kB\n"
      "AnonHugePages:         0 kB\n";
  EXPECT_EQ(parse_anonymous(kRollup), 3'628U * 1'024);
}

TEST(ProcessStats, ARollupWithoutResidentMemoryIsNothing) {
  EXPECT_FALSE(parse_resident(""));
  EXPECT_FALSE(parse_resident("Pss: 1 kB\n"));
  EXPECT_FALSE(parse_resident("x\nRss: many kB\n"));
}

TEST(ProcessStats, ThisProcessIsOfItsOwnFamily) {
  const auto family = family_of(::getpid());
  ASSERT_FALSE(family.empty());
  EXPECT_EQ(family.front(), ::getpid());
}

TEST(ProcessStats, WorkShowsInTheKernelsAccount) {
  const auto before = processor_ns(::getpid());
  const auto began = std::clock();
  while (std::clock() - began < CLOCKS_PER_SEC / 20) {
  }
  EXPECT_GT(processor_ns(::getpid()), before);
  EXPECT_GT(resident_bytes(::getpid()), 100'000U);
}

TEST(ProcessStats, AProcessThatIsGoneHasNothing) {
  EXPECT_TRUE(family_of(-1).empty());
  EXPECT_EQ(processor_ns(-1), 0U);
  EXPECT_EQ(resident_bytes(-1), 0U);
}

}  // namespace
}  // namespace foreword::bench
