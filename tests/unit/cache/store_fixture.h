// A real store in a folder of its own, with verbs.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "cache/store.h"
#include "support/temp_dir.h"

namespace foreword::cache::test {

class StoreFixture : public testing::Test {
 protected:
  StoreFixture() { open(); }

  void open() { store_ = Store::open(path()).value(); }
  void close() { store_.reset(); }
  void reopen() {
    close();
    open();
  }
  [[nodiscard]] std::filesystem::path path() const { return folder_.path() / "store"; }
  [[nodiscard]] Store& store() { return *store_; }

  void put(Family family, std::string key, std::string value) {
    const Write entry{family, std::move(key), std::move(value)};
    ASSERT_TRUE(store_->write({&entry, 1}, Durability::buffered));
  }
  [[nodiscard]] std::size_t count(Family family) {
    std::size_t keys = 0;
    const auto scanned = store_->scan(family, {}, {}, [&](std::string_view, std::string_view) {
      ++keys;
      return true;
    });
    EXPECT_TRUE(scanned);
    return keys;
  }

 private:
  foreword::test::TempDir folder_;
  std::unique_ptr<Store> store_;
};

}  // namespace foreword::cache::test
