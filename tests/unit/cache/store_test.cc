#include "cache/store.h"

#include <fstream>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <sys/stat.h>

#include "unit/cache/store_fixture.h"

namespace foreword::cache::test {
namespace {

namespace fs = std::filesystem;

using Keys = std::vector<std::string>;

class StoreTest : public StoreFixture {
 protected:
  [[nodiscard]] std::string get(std::string_view key) {
    return store().get(Family::ledger, key).value().value_or("(none)");
  }
  [[nodiscard]] Keys scan(std::string_view from, std::string_view to, std::size_t limit = 100) {
    Keys keys;
    EXPECT_TRUE(store().scan(Family::ledger, from, to, collect(keys, limit)));
    return keys;
  }
  [[nodiscard]] Keys scan_backwards(std::string_view from, std::string_view to,
                                    std::size_t limit = 100) {
    Keys keys;
    EXPECT_TRUE(store().scan_backwards(Family::ledger, from, to, collect(keys, limit)));
    return keys;
  }
  void put_keys(const Keys& keys) {
    for (const auto& key : keys) put(Family::ledger, key, "of " + key);
  }
  /// Closes the store and says why it does not open again; empty: it does.
  [[nodiscard]] std::string error_of_reopening() {
    close();
    return error_of_opening(path());
  }
  [[nodiscard]] static std::string error_of_opening(const fs::path& where) {
    const auto opened = Store::open(where);
    return opened ? "" : opened.error().message;
  }

 private:
  static std::function<bool(std::string_view, std::string_view)> collect(Keys& keys,
                                                                         std::size_t limit) {
    return [&keys, limit](std::string_view key, std::string_view) {
      keys.emplace_back(key);
      return keys.size() < limit;
    };
  }
};

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST_F(StoreTest, what_was_written_is_read_also_after_reopening) {
  put(Family::ledger, "key", "value");
  EXPECT_EQ(get("key"), "value");
  reopen();
  EXPECT_EQ(get("key"), "value");
}

TEST_F(StoreTest, missing_key_is_nothing) {
  EXPECT_EQ(get("key"), "(none)");
}

TEST_F(StoreTest, families_do_not_see_each_other) {
  put(Family::layers, "key", "layer");
  EXPECT_EQ(get("key"), "(none)");
}

TEST_F(StoreTest, keys_and_values_may_be_any_bytes) {
  const std::string key("\0\xff\0", 3);
  put(Family::ledger, key, std::string("\0v\0", 3));
  EXPECT_EQ(get(key), std::string("\0v\0", 3));
}

TEST_F(StoreTest, a_batch_puts_and_deletes_in_its_order) {
  put_keys({"old"});
  const std::vector<Write> batch = {{Family::ledger, "old", std::nullopt},
                                    {Family::ledger, "new", "1"},
                                    {Family::ledger, "new", "2"}};
  ASSERT_TRUE(store().write(batch, Durability::synced));
  EXPECT_EQ(get("old"), "(none)");
  EXPECT_EQ(get("new"), "2");
}

TEST_F(StoreTest, large_values_survive_in_blob_files) {
  const std::string large(5 << 20, 'x');
  put(Family::documents, "key", large);
  put(Family::documents, "other", large);
  reopen();
  EXPECT_EQ(store().get(Family::documents, "key").value(), large);
}

TEST_F(StoreTest, scans_are_half_open_in_both_directions) {
  put_keys({"a", "b", "c", "d"});
  EXPECT_EQ(scan("", ""), (Keys{"a", "b", "c", "d"}));
  EXPECT_EQ(scan("b", "d"), (Keys{"b", "c"}));
  EXPECT_EQ(scan("bb", ""), (Keys{"c", "d"}));
  EXPECT_EQ(scan_backwards("", ""), (Keys{"d", "c", "b", "a"}));
  EXPECT_EQ(scan_backwards("b", "d"), (Keys{"c", "b"}));
  EXPECT_EQ(scan_backwards("", "bb"), (Keys{"b", "a"}));
}

TEST_F(StoreTest, ranges_that_end_before_they_begin_are_empty) {
  put_keys({"a", "b", "c"});
  EXPECT_EQ(scan("c", "a"), Keys{});
  EXPECT_EQ(scan("b", "b"), Keys{});
  EXPECT_EQ(scan_backwards("c", "a"), Keys{});
}

TEST_F(StoreTest, a_scan_stops_when_told) {
  put_keys({"a", "b", "c"});
  EXPECT_EQ(scan("", "", 2), (Keys{"a", "b"}));
  EXPECT_EQ(scan_backwards("", "", 1), Keys{"c"});
}

TEST_F(StoreTest, folders_that_are_missing_are_made_for_the_owner_only) {
  const fs::path deep = path() / "more" / "folders";
  ASSERT_EQ(error_of_opening(deep), "");
  for (const fs::path& made : {path() / "more", deep}) {
    struct stat status {};
    ASSERT_EQ(::stat(made.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777u, 0700u) << made;
  }
}

TEST_F(StoreTest, second_opener_is_told_who_holds_it) {
  EXPECT_EQ(error_of_opening(path()), "another foreword process holds " + path().string() +
                                          " (is `foreword serve` running? then leave out --data)");
}

TEST_F(StoreTest, newer_format_is_refused) {
  put(Family::meta, "format", "2");
  const std::string message = error_of_reopening();
  EXPECT_TRUE(contains(message, "has format 2")) << message;
  EXPECT_TRUE(contains(message, "newer foreword")) << message;
}

TEST_F(StoreTest, format_that_is_no_number_is_refused) {
  put(Family::meta, "format", "1x");
  EXPECT_TRUE(contains(error_of_reopening(), "damaged"));
}

TEST_F(StoreTest, database_that_lost_its_format_is_refused) {
  const Write deletion{Family::meta, "format", std::nullopt};
  ASSERT_TRUE(store().write({&deletion, 1}, Durability::synced));
  EXPECT_TRUE(contains(error_of_reopening(), "names no format"));
}

/// A RocksDB database as another program would make it.
class OtherDatabase {
 public:
  explicit OtherDatabase(const fs::path& path) {
    rocksdb::Options options;
    options.create_if_missing = true;
    rocksdb::DB* opened = nullptr;
    EXPECT_TRUE(rocksdb::DB::Open(options, path.string(), &opened).ok());
    database_.reset(opened);
  }
  void put(const std::string& key) {
    EXPECT_TRUE(database_->Put(rocksdb::WriteOptions(), key, "value").ok());
  }
  static std::vector<std::string> families(const fs::path& path) {
    std::vector<std::string> names;
    EXPECT_TRUE(rocksdb::DB::ListColumnFamilies(rocksdb::Options(), path.string(), &names).ok());
    return names;
  }

 private:
  std::unique_ptr<rocksdb::DB> database_;
};

TEST_F(StoreTest, database_of_another_program_is_refused_and_left_alone) {
  const fs::path other = path() / "other";
  OtherDatabase(other).put("key");
  EXPECT_TRUE(contains(error_of_opening(other), "is not foreword's"));
  EXPECT_EQ(OtherDatabase::families(other), Keys{"default"});
}

TEST_F(StoreTest, first_start_that_was_killed_is_taken_up) {
  const fs::path before_current = path() / "before";
  fs::create_directory(before_current);
  std::ofstream(before_current / "LOCK");
  std::ofstream(before_current / "IDENTITY") << "x";
  std::ofstream(before_current / "MANIFEST-000001") << "cut";
  EXPECT_EQ(error_of_opening(before_current), "");

  const fs::path before_families = path() / "families";
  { const OtherDatabase made(before_families); }
  EXPECT_EQ(error_of_opening(before_families), "");
}

TEST_F(StoreTest, records_of_a_newer_kind_are_refused) {
  close();
  {
    std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
    for (const auto& name : OtherDatabase::families(path())) {
      descriptors.emplace_back(name, rocksdb::ColumnFamilyOptions());
    }
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* opened = nullptr;
    ASSERT_TRUE(
        rocksdb::DB::Open(rocksdb::DBOptions(), path().string(), descriptors, &handles, &opened)
            .ok());
    const std::unique_ptr<rocksdb::DB> database(opened);
    rocksdb::ColumnFamilyHandle* added = nullptr;
    ASSERT_TRUE(database->CreateColumnFamily({}, "oracles", &added).ok());
    handles.push_back(added);
    for (auto* handle : handles) ASSERT_TRUE(database->DestroyColumnFamilyHandle(handle).ok());
  }
  const std::string message = error_of_opening(path());
  EXPECT_TRUE(contains(message, "newer kind (oracles)")) << message;
}

TEST_F(StoreTest, folder_with_other_files_is_refused_and_left_alone) {
  const fs::path home = path() / "home";
  fs::create_directory(home);
  std::ofstream(home / "notes.txt") << "mine";
  EXPECT_TRUE(contains(error_of_opening(home), "is not empty"));
  EXPECT_EQ(std::distance(fs::directory_iterator(home), {}), 1);
}

TEST_F(StoreTest, fresh_disk_is_taken) {
  const fs::path disk = path() / "disk";
  fs::create_directories(disk / "lost+found");
  EXPECT_EQ(error_of_opening(disk), "");
}

TEST_F(StoreTest, a_file_in_the_place_of_the_folder_is_an_error) {
  const fs::path file = path() / "file";
  std::ofstream(file) << "x";
  EXPECT_TRUE(contains(error_of_opening(file), "Not a directory"));
  EXPECT_TRUE(contains(error_of_opening(file / "below"), "Not a directory"));
}

TEST_F(StoreTest, damaged_database_is_an_error) {
  close();
  std::ofstream(path() / "CURRENT", std::ios::trunc) << "MANIFEST-999999\n";
  EXPECT_NE(error_of_opening(path()), "");
}

TEST_F(StoreTest, rocksdb_writes_no_log_of_its_own) {
  for (const auto& entry : fs::directory_iterator(path())) {
    EXPECT_FALSE(entry.path().filename().string().starts_with("LOG")) << entry.path();
  }
}

TEST_F(StoreTest, one_change_at_a_time_is_that) {
  int changes = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 1000; ++n) {
        const auto lock = store().one_change_at_a_time();
        ++changes;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(changes, 4000);
}

}  // namespace
}  // namespace foreword::cache::test
