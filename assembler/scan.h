// Finds the structure of a request's bytes, as offsets, while they arrive, and names what each
// segment of the prompt says by a hash.
//
// Nothing is copied but the model's name. What it costs is two looks at each byte, best taken while
// the byte is still in the cache: some 50 us per MB with AVX2 for the structure and 25 for XXH3;
// more only where a prompt is cut into many small blocks, some 100 ns for each.
#pragma once

#include <memory>
#include <string_view>

#include <boost/system/result.hpp>

#include "assembler/outline.h"

namespace foreword::assembler {

/// Why a body could not be outlined: it is then forwarded as it came, and the reason is counted.
enum class ScanFailure : std::uint8_t {
  malformed_json = 1,  // not JSON, or not UTF-8
  not_an_object,       // JSON of another shape
  duplicate_member,    // a member that an edit depends on occurs twice: which one counts is unknown
  unexpected_shape,    // e.g. `messages` is a number
  too_deep,            // Anthropic blocks in the content of blocks, more than 32 of them
  too_many_blocks,     // more than limits::kMaxSegments
};
[[nodiscard]] std::string_view name_of(ScanFailure failure);

template <class T>
using ScanResult = boost::system::result<T, ScanFailure>;
[[noreturn]] void throw_exception_from_error(ScanFailure failure, const boost::source_location&);

/// Finds what planning needs in a request body of one operation (not Operation::other).
///
/// Members that matter are recognised in either order, also when their names are written with
/// escapes. A wrong shape is a failure only where it hides the prompt (`messages` is a number); the
/// planner judges all others.
///
/// Every body of valid JSON gets the outline, or the failure, that a JSON parser would give it. Of
/// other bodies some are outlined too: values that do not matter are skipped, numbers are known by
/// their first byte, and what is wrong inside of them stays as it was for the provider to refuse.
/// These are always checked:
/// - the bytes are UTF-8, no string holds a control character, and every string ends;
/// - the root is an object with nothing but white space around it;
/// - the syntax of each object and array that holds, or could hold, a member that matters;
/// - the two brackets of each skipped value match, and between them as many close as open.
/// Of a body of valid JSON also all facts about caching are what the parser would find; where a
/// member that they depend on occurs twice in a block, the last one counts.
class Scanner {
 public:
  explicit Scanner(config::Operation operation);
  Scanner(Scanner&&) noexcept;
  Scanner& operator=(Scanner&&) noexcept;
  ~Scanner();

  /// Looks at what has been added since the last call. `body_so_far` is all that came of the body:
  /// it may lie elsewhere than last time, but has to begin with the same bytes.
  void feed(std::string_view body_so_far);

  /// Looks at the rest. The scanner is then of no further use.
  [[nodiscard]] ScanResult<Outline> finish(std::string_view body);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// A body that is there as a whole.
[[nodiscard]] ScanResult<Outline> scan(config::Operation operation, std::string_view body);

}  // namespace foreword::assembler
