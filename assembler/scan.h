// One pass over a request's bytes: structure as offsets.
//
// Pure and thread-safe. simdjson On-Demand does the work behind this interface; nothing outside
// of this folder knows that. Nothing is copied but the model's name and a role.
#pragma once

#include <string_view>

#include <boost/system/result.hpp>

#include "assembler/outline.h"

namespace foreword::assembler {

/// Why a body could not be outlined: it is then forwarded as it came, and the reason is counted.
enum class ScanFailure : std::uint8_t {
  malformed_json = 1,  // not JSON, or not UTF-8
  not_an_object,       // valid JSON of another shape
  duplicate_member,    // a member that an edit depends on occurs twice: which one counts is unknown
  unexpected_shape,    // e.g. `messages` is a number
  too_deep,            // Anthropic blocks in the content of blocks, more than 32 of them
};
[[nodiscard]] std::string_view name_of(ScanFailure failure);

template <class T>
using ScanResult = boost::system::result<T, ScanFailure>;
[[noreturn]] void throw_exception_from_error(ScanFailure failure, const boost::source_location&);

/// Finds what planning needs in a request body of `operation` (not Operation::other).
///
/// REQUIRES: limits::kJsonPaddingBytes readable bytes behind body.end(), of any content.
///
/// Members that matter are recognised in either order, also when their names are written with
/// escapes. A wrong shape is a failure only where it hides the prompt (`messages` is a number); the
/// planner judges all others. Values that do not matter are skipped, with a look at their brackets
/// only: what is wrong inside of them stays as it was for the provider to refuse.
[[nodiscard]] ScanResult<Outline> scan(config::Operation operation, std::string_view body);

}  // namespace foreword::assembler
