// The scanner against its oracle, whole and in pieces.
//
// - In whatever pieces a body comes, and wherever it lies at each, its outline or failure is the
//   same.
// - A body that is valid JSON has the same outline, or the same failure, as by the oracle.
// - Any other body that both outline has one outline. What only one of them outlines, the other
//   calls malformed: the scanner takes more of what is wrong inside of skipped values, the oracle
//   takes literals that are none, and brackets that do not match. fuzz_assemble shows that no edit
//   makes valid JSON of such a body.
// - Every instruction set makes the same masks.
//
// An input is a line of two characters, then a body. The first names the operation (m, c, r, g),
// the second how the body is cut.
#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "assembler/json_blocks.h"
#include "fuzz/operation.h"
#include "fuzz/require.h"
#include "oracle/scan.h"
#include "unit/assembler/plan_check.h"

namespace {

using namespace foreword;
using namespace foreword::assembler;

using Scanned = ScanResult<Outline>;

/// Feeds pieces whose lengths follow from `seed`, each time from another place in memory.
Scanned scan_in_pieces(config::Operation operation, std::string_view body, unsigned seed) {
  Scanner scanner(operation);
  std::size_t end = 0;
  while (end < body.size()) {
    seed = seed * 1'103'515'245 + 12'345;
    const std::size_t longest = seed & 0x100 ? 3 : 200;
    end = std::min(body.size(), end + (seed >> 16) % longest);
    const std::vector<char> moved(body.begin(), body.begin() + static_cast<std::ptrdiff_t>(end));
    scanner.feed({moved.data(), moved.size()});
  }
  return scanner.finish(body);
}

bool same(const Scanned& a, const Scanned& b) {
  if (a.has_value() != b.has_value()) return false;
  return a ? *a == *b : a.error() == b.error();
}

struct Masks {
  json::BlockCarry carry;
  json::BatchMasks batch;
};

Masks masks_of(const json::InstructionSet& set, std::string_view bytes) {
  Masks made;
  const auto blocks = std::min(bytes.size() / json::kBlockBytes, json::kBatchBlocks);
  set.classify(bytes.data(), blocks, made.carry, made.batch);
  return made;
}

bool same_masks(const Masks& a, const Masks& b) {
  const auto words = [](const Masks& masks) {
    return std::array<std::uint64_t, 6>{masks.carry.in_string,    masks.carry.escaped,
                                        masks.batch.quote_blocks, masks.batch.bracket_blocks,
                                        masks.batch.non_ascii,    masks.batch.control};
  };
  if (words(a) != words(b)) return false;
  for (std::size_t i = 0; i < json::kBatchBlocks; ++i) {
    if ((a.batch.quote_blocks >> i & 1) != 0 && a.batch.quotes[i] != b.batch.quotes[i]) {
      return false;
    }
    if ((a.batch.bracket_blocks >> i & 1) == 0) continue;
    if (a.batch.opening[i] != b.batch.opening[i]) return false;
    if (a.batch.closing[i] != b.batch.closing[i]) return false;
    if (a.batch.opening_count[i] != b.batch.opening_count[i]) return false;
    if (a.batch.closing_count[i] != b.batch.closing_count[i]) return false;
  }
  return true;
}

void check_instruction_sets(std::string_view body) {
  const auto expected = masks_of(*json::instruction_set(0), body);
  for (std::size_t i = 1; const auto* set = json::instruction_set(i); ++i) {
    FUZZ_REQUIRE(same_masks(expected, masks_of(*set, body)));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto body = input.substr(3);
  const auto operation = operation_of(input[0]);

  const auto whole = testing::scan_exactly(operation, body);
  const auto seed = static_cast<unsigned char>(input[1]);
  FUZZ_REQUIRE(same(whole, scan_in_pieces(operation, body, seed)));

  const auto expected = oracle::scan(operation, body);
  // Of what is no JSON both may make something, and not the same: where brackets do not match, an
  // array has other elements for one that counts them than for one that pairs them.
  if (testing::parses(body, 1000)) {
    FUZZ_REQUIRE(same(whole, expected));
  } else if (whole && !expected) {
    FUZZ_REQUIRE(expected.error() == ScanFailure::malformed_json);
  } else if (expected && !whole) {
    FUZZ_REQUIRE(whole.error() == ScanFailure::malformed_json);
  }
  check_instruction_sets(body);
  return 0;
}
