#include "cache/seal.h"

#include <gtest/gtest.h>

namespace foreword::cache {
namespace {

config::SealKey key_of(std::uint8_t byte) {
  config::SealKey key;
  key.fill(byte);
  return key;
}

TEST(Sealer, OpensWhatItSealed) {
  const Sealer sealer(key_of(1));
  for (const std::string text : {"", "a", "a prompt", "with a NUL \0 in it"}) {
    EXPECT_EQ(sealer.open(sealer.seal(text, "context").value(), "context"), text);
  }
}

TEST(Sealer, NeverMakesTheSameBytesTwice) {
  const Sealer sealer(key_of(1));
  EXPECT_NE(sealer.seal("a prompt", "").value(), sealer.seal("a prompt", "").value());
}

TEST(Sealer, ShowsNothingOfTheText) {
  const Sealer sealer(key_of(1));
  const auto sealed = sealer.seal("a prompt that nobody may read", "").value();
  EXPECT_EQ(sealed.find("prompt"), std::string::npos);
  EXPECT_EQ(sealed.size(), 29u + 12 + 16);
}

TEST(Sealer, OpensNothingThatWasChanged) {
  const Sealer sealer(key_of(1));
  const auto sealed = sealer.seal("a prompt", "context").value();
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    auto changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_EQ(sealer.open(changed, "context"), std::nullopt) << i;
    EXPECT_EQ(sealer.open(sealed.substr(0, i), "context"), std::nullopt) << i;
  }
}

TEST(Sealer, OpensNothingInAnotherContext) {
  const Sealer sealer(key_of(1));
  EXPECT_EQ(sealer.open(sealer.seal("a prompt", "one").value(), "other"), std::nullopt);
}

TEST(Sealer, OpensNothingOfAnotherKey) {
  const auto sealed = Sealer(key_of(1)).seal("a prompt", "").value();
  EXPECT_EQ(Sealer(key_of(2)).open(sealed, ""), std::nullopt);
}

TEST(Sealer, TagsTheSameTextAlikeUnderOneKeyOnly) {
  const Sealer sealer(key_of(1));
  EXPECT_EQ(sealer.tag("a prompt").size(), 16u);
  EXPECT_EQ(sealer.tag("a prompt"), Sealer(key_of(1)).tag("a prompt"));
  EXPECT_NE(sealer.tag("a prompt"), sealer.tag("a promp"));
  EXPECT_NE(sealer.tag("a prompt"), Sealer(key_of(2)).tag("a prompt"));
}

TEST(Sealer, NamesItsKeyWithoutTellingIt) {
  EXPECT_EQ(Sealer(key_of(1)).key_name(), Sealer(key_of(1)).key_name());
  EXPECT_NE(Sealer(key_of(1)).key_name(), Sealer(key_of(2)).key_name());
  EXPECT_EQ(Sealer(key_of(1)).key_name().size(), 8u);
}

}  // namespace
}  // namespace foreword::cache
