// Imported prices as the store keeps them.
#include "cache/price_imports.h"

#include "unit/cache/store_fixture.h"

namespace foreword::cache {
namespace {

class PriceImportsTest : public test::StoreFixture {
 protected:
  static config::PriceImport import_of(const std::string& model) {
    config::PriceOffer offer;
    offer.provider = config::Provider::openai;
    offer.name = model;
    offer.rates.at(static_cast<std::size_t>(config::TokenClass::input)) = 1'000'000;
    offer.rates.at(static_cast<std::size_t>(config::TokenClass::output)) = 2'000'000;
    config::PriceImport import;
    import.file = "prices.json";
    import.imported = std::chrono::sys_days(std::chrono::year(2026) / 11 / 26);
    import.offers = {offer};
    return import;
  }
  std::vector<config::PriceImport> listed() { return list_price_imports(store()).value(); }
};

TEST_F(PriceImportsTest, NoneAreThereAtFirst) {
  EXPECT_TRUE(listed().empty());
}

TEST_F(PriceImportsTest, AreListedInTheirOrderAfterAReopening) {
  for (int i = 0; i < 300; ++i) {
    ASSERT_TRUE(put_price_import(store(), import_of("gpt-" + std::to_string(i))));
  }
  reopen();
  const auto imports = listed();
  ASSERT_EQ(imports.size(), 300u);
  EXPECT_EQ(imports[9].offers.front().name, "gpt-9");
  EXPECT_EQ(imports[299].offers.front().name, "gpt-299");
}

TEST_F(PriceImportsTest, KeepTheirDayOrThatTheyHaveNone) {
  auto dated = import_of("a");
  dated.from = std::chrono::sys_days(std::chrono::year(2026) / 1 / 2);
  ASSERT_TRUE(put_price_import(store(), dated));
  ASSERT_TRUE(put_price_import(store(), import_of("b")));
  const auto imports = listed();
  EXPECT_EQ(imports[0].from, dated.from);
  EXPECT_EQ(imports[1].from, std::nullopt);
  EXPECT_EQ(imports[0].imported, dated.imported);
  EXPECT_EQ(imports[0].file, "prices.json");
}

TEST_F(PriceImportsTest, ThatCannotBeReadAreAnErrorAndNoOtherPrices) {
  ASSERT_TRUE(put_price_import(store(), import_of("a")));
  std::string stored;
  ASSERT_TRUE(store().scan(Family::meta, {}, {}, [&](std::string_view key, std::string_view) {
    if (key.starts_with("price")) stored = key;
    return true;
  }));
  put(Family::meta, stored, "\xff");
  const auto imports = list_price_imports(store());
  ASSERT_FALSE(imports);
  EXPECT_EQ(imports.error().message.find("price import 1 cannot be read"), 0u);
}

}  // namespace
}  // namespace foreword::cache
