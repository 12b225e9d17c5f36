#include "proxy/time_text.h"

#include <gtest/gtest.h>

namespace foreword::proxy {
namespace {

TEST(TimeText, ReadsBackWhatItWrites) {
  for (const auto* text : {"2026-11-23T20:15:00.123Z", "1999-12-31T23:59:59.999Z"}) {
    EXPECT_EQ(to_rfc3339(*parse_rfc3339(text)), text);
  }
}

TEST(TimeText, TakesDaysAndWholeSeconds) {
  EXPECT_EQ(to_rfc3339(*parse_rfc3339("2026-11-23")), "2026-11-23T00:00:00.000Z");
  EXPECT_EQ(to_rfc3339(*parse_rfc3339("2026-11-23T01:02:03Z")), "2026-11-23T01:02:03.000Z");
}

TEST(TimeText, RefusesWhatIsNoTimeInUtc) {
  for (const auto* text : {"", "yesterday", "2026-11-23T01:02:03", "2026-11-23T01:02:03+01:00",
                           "2026-11-23Z", "2026-11-23T01:02:03Zx"}) {
    EXPECT_FALSE(parse_rfc3339(text)) << text;
  }
}

}  // namespace
}  // namespace foreword::proxy
