#include "cache/ledger_row.h"

#include <random>
#include <string>

#include <gtest/gtest.h>

#include "unit/cache/rows.h"

namespace foreword::cache::test {
namespace {

// What another writer may have written: protobuf appends, and of a field that comes twice the last
// one counts. These tests know the wire form on purpose: it is what must not change.
std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
  bytes += static_cast<char>(value);
  return bytes;
}
std::string number_field(std::uint32_t field, std::uint64_t value) {
  return varint(field << 3) + varint(value);
}
std::string bytes_field(std::uint32_t field, const std::string& value) {
  return varint(field << 3 | 2) + varint(value.size()) + value;
}

std::string error_of(const std::string& value) {
  const auto row = decode_ledger_row(value);
  return row ? "" : row.error().message;
}

TEST(LedgerRow, full_row_reads_back) {
  expect_same(decode_ledger_row(encode(full_row()).value()).value(), full_row());
}

TEST(LedgerRow, smallest_row_reads_back) {
  expect_same(decode_ledger_row(encode(smallest_row()).value()).value(), smallest_row());
}

TEST(LedgerRow, largest_numbers_read_back) {
  LedgerRow row = full_row();
  row.tokens.by_class.fill(~0ull);
  row.cost_actual = row.cost_uncached = std::numeric_limits<config::Picodollars>::max();
  row.kb_tokens_estimate = row.request_bytes = row.inserted_bytes = ~0ull;
  expect_same(decode_ledger_row(encode(row).value()).value(), row);
}

TEST(LedgerRow, fields_of_a_newer_writer_are_passed_over) {
  const std::string newer =
      encode(full_row()).value() + number_field(1000, 42) + bytes_field(1001, "from the future");
  expect_same(decode_ledger_row(newer).value(), full_row());
}

TEST(LedgerRow, numbers_on_disk_stay_what_they_are) {
  EXPECT_EQ(static_cast<int>(Outcome::upstream_cut), 3);
  EXPECT_EQ(static_cast<int>(Outcome::provider_error), 5);
  EXPECT_EQ(static_cast<int>(UsageSource::partial), 2);
  EXPECT_EQ(decode_ledger_row(encode(smallest_row()).value() + number_field(3, 2)).value().provider,
            config::Provider::openai);
  EXPECT_EQ(
      decode_ledger_row(encode(smallest_row()).value() + number_field(13, 429)).value().status,
      429);
  EXPECT_EQ(decode_ledger_row(encode(smallest_row()).value() + number_field(14, 2)).value().outcome,
            Outcome::client_gone);
  EXPECT_EQ(decode_ledger_row(encode(smallest_row()).value() + bytes_field(7, "m")).value().model,
            "m");
}

struct Impossible {
  const char* what;
  std::string field;
};

class ImpossibleRow : public testing::TestWithParam<Impossible> {};

TEST_P(ImpossibleRow, is_an_error_that_names_it) {
  const std::string message = error_of(encode(full_row()).value() + GetParam().field);
  EXPECT_NE(message.find(GetParam().what), std::string::npos) << message;
}

const std::uint64_t kMinusOne = ~0ull;

INSTANTIATE_TEST_SUITE_P(Fields, ImpossibleRow,
                         testing::Values(Impossible{"id", bytes_field(1, "short")},
                                         Impossible{"start time", number_field(2, kMinusOne)},
                                         Impossible{"start time", number_field(2, 1ull << 62)},
                                         Impossible{"provider", number_field(3, 0)},
                                         Impossible{"provider", number_field(3, 4)},
                                         Impossible{"operation", number_field(4, 200)},
                                         Impossible{"mode", number_field(5, 3)},
                                         Impossible{"status", number_field(13, 1000)},
                                         Impossible{"outcome", number_field(14, 6)},
                                         Impossible{"usage source", number_field(16, 4)},
                                         Impossible{"token class", number_field(17, 1)},
                                         Impossible{"without a price", number_field(21, 0)},
                                         Impossible{"negative cost", number_field(23, kMinusOne)},
                                         Impossible{"negative cost", number_field(24, kMinusOne)},
                                         Impossible{"duration", number_field(28, kMinusOne)},
                                         Impossible{"duration", number_field(29, kMinusOne)}));

TEST(LedgerRow, odd_status_of_an_upstream_is_kept) {
  LedgerRow row = smallest_row();
  row.status = 999;
  EXPECT_EQ(decode_ledger_row(encode(row).value()).value().status, 999);
}

TEST(LedgerRow, empty_value_is_an_error) {
  EXPECT_NE(error_of(""), "");
}

TEST(LedgerRow, cut_anywhere_never_gives_the_row) {
  const std::string value = encode(full_row()).value();
  for (std::size_t size = 0; size < value.size(); ++size) {
    const auto row = decode_ledger_row(std::string_view(value).substr(0, size));
    // Cut between two fields it is a shorter record: it may be read, but not as more than it is.
    EXPECT_FALSE(row && encode(*row).value() == value) << size;
  }
}

TEST(LedgerRow, random_bytes_never_crash) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes(random() % 200, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    (void)decode_ledger_row(bytes);
  }
}

TEST(LedgerRow, flipped_bits_give_an_error_or_a_row_that_can_be_stored) {
  std::mt19937_64 random(2);
  const std::string value = encode(full_row()).value();
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = value;
    for (int flips = 0; flips < 3; ++flips) {
      bytes[random() % bytes.size()] ^= static_cast<char>(1u << random() % 8);
    }
    const auto row = decode_ledger_row(bytes);
    if (row) expect_same(decode_ledger_row(encode(*row).value()).value(), *row);
  }
}

TEST(LedgerRow, durations_of_a_clock_that_was_set_back_are_zero) {
  LedgerRow row = full_row();
  row.duration = std::chrono::microseconds(-1);
  row.first_byte = std::chrono::microseconds::min();
  const LedgerRow stored = decode_ledger_row(encode(row).value()).value();
  EXPECT_EQ(stored.duration.count(), 0);
  EXPECT_EQ(stored.first_byte.count(), 0);
}

TEST(LedgerRow, a_cost_below_zero_is_stored_as_unpriced) {
  LedgerRow row = full_row();
  row.cost_actual = -1;
  const LedgerRow stored = decode_ledger_row(encode(row).value()).value();
  EXPECT_FALSE(stored.priced);
  EXPECT_EQ(stored.cost_actual, 0);
  EXPECT_EQ(stored.cost_uncached, 0);
}

// Field 32 is the last one of this row: two bytes of tag, one of number.
TEST(LedgerRow, a_row_of_before_there_was_a_client_only_cost_claims_nothing) {
  LedgerRow row = smallest_row();
  row.priced = true;
  row.cost_actual = 5;
  row.cost_uncached = 9;
  row.cost_client_only = 7;
  std::string value = encode(row).value();
  ASSERT_TRUE(value.ends_with("\x80\x02\x07"));
  value.resize(value.size() - 3);
  EXPECT_EQ(decode_ledger_row(value).value().cost_client_only, 5);
}

TEST(LedgerRow, long_text_is_cut_between_characters) {
  LedgerRow row = full_row();
  row.model = std::string(kMaxLedgerTextBytes - 1, 'm') + "\u00e4\u00e4";
  EXPECT_EQ(decode_ledger_row(encode(row).value()).value().model,
            std::string(kMaxLedgerTextBytes - 1, 'm'));
  row.model = std::string(10 << 20, 'm');
  EXPECT_EQ(decode_ledger_row(encode(row).value()).value().model.size(), kMaxLedgerTextBytes);
}

TEST(LedgerRow, words_for_people_are_the_enumerators) {
  EXPECT_EQ(name_of(Outcome::provisional), "provisional");
  EXPECT_EQ(name_of(Outcome::upstream_cut), "upstream_cut");
  EXPECT_EQ(name_of(Outcome::provider_error), "provider_error");
  EXPECT_EQ(name_of(UsageSource::reported), "reported");
  EXPECT_EQ(name_of(UsageSource::estimated), "estimated");
}

}  // namespace
}  // namespace foreword::cache::test
