// Requests: scan, plan and splice never crash; a splice of no edits is the identity; and an edited
// body scans again to what was planned, with every promise of plan.h kept.
//
// An input is a line of two characters, then a body. The first names the operation (m, c, r, g),
// the second the number of layers (0 to 3; 4 to 7 the same at a model with explicit breakpoints; 8
// to 15 the same of a knowledge base behind another one of a single layer), plus 16 times the seed
// of the markers that are wanted behind the client's own segments.
#include <array>
#include <string_view>

#include "fuzz/operation.h"
#include "fuzz/require.h"
#include "unit/assembler/plan_check.h"

namespace {

using namespace foreword;
using namespace foreword::assembler;

const std::array<std::string, 1> kFirst = {"zero"};
const std::array<std::string, 3> kLayers = {"one \\\"layer\\\"\\n", "two\\u0007", "three"};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto body = input.substr(3);
  const auto operation = operation_of(input[0]);
  const auto choice = static_cast<unsigned char>(input[1]) % 16;
  const unsigned seed = static_cast<unsigned char>(input[1]) / 16;

  // Whatever cannot be outlined goes out as it came.
  const auto untouched = testing::check_pieces(body, {});
  FUZZ_REQUIRE(untouched.empty());
  const auto outline = testing::scan_exactly(operation, body);
  if (!outline) return 0;

  std::vector<NamedLayers> bases;
  if (choice >= 8) bases.push_back({"first", kFirst});
  bases.push_back({"second", std::span(kLayers).first(choice % 4)});
  const JoinedKnowledge joined(bases);
  const KnowledgeView knowledge{joined.layers()};
  PlanRequest request;
  request.outline = &*outline;
  request.knowledge = &knowledge;
  request.cache_key = "0123";
  request.model.explicit_breakpoints = choice % 8 >= 4;
  const auto wanted = testing::wishes(seed, outline->segments.size());
  request.marks = wanted;
  const Plan made = plan(request);
  const auto fault = testing::check_plan(body, *outline, request, made);
  if (!fault.empty()) std::fprintf(stderr, "%s\n", fault.c_str());
  FUZZ_REQUIRE(fault.empty());
  return 0;
}
