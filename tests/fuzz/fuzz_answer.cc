// Answers: the splitter loses no byte, pieces do not matter, the meter never crashes or wraps, the
// filter takes out whole events only.
//
// An input is a line of two characters, then the bytes of an answer. The first names the operation
// (m, c, r, g), the second how the bytes are cut.
#include <string>
#include <string_view>
#include <vector>

#include "assembler/sse.h"
#include "assembler/usage.h"
#include "assembler/usage_chunk_filter.h"
#include "fuzz/require.h"

namespace {

using namespace foreword;
using namespace foreword::assembler;

config::Operation operation_of(char letter) {
  switch (letter) {
    case 'c':
      return config::Operation::chat_completions;
    case 'r':
      return config::Operation::responses;
    case 'g':
      return config::Operation::generate_content;
    default:
      return config::Operation::messages;
  }
}

/// Calls visit(piece) for consecutive pieces of at most `step` bytes.
template <class Visit>
void in_pieces(std::string_view bytes, std::size_t step, Visit&& visit) {
  for (; !bytes.empty(); bytes.remove_prefix(std::min(step, bytes.size()))) {
    visit(bytes.substr(0, step));
  }
}

struct Split {
  std::string all;
  std::vector<std::string> events;
  bool operator==(const Split&) const = default;
};

Split split(std::string_view bytes, std::size_t step, std::size_t limit) {
  SseSplitter splitter(limit);
  Split result;
  in_pieces(bytes, step, [&](std::string_view piece) {
    splitter.feed(piece, [&](const SseEvent& event) {
      result.all += event.raw;
      if (event.oversized) return;
      result.events.push_back(std::string(event.type) + '\x1f' + std::string(event.data));
    });
    FUZZ_REQUIRE(splitter.pending().size() <= limit);
  });
  result.all += splitter.pending();
  return result;
}

Usage metered(config::Operation operation, BodyKind kind, std::string_view bytes,
              std::size_t step) {
  UsageMeter meter(operation, kind);
  in_pieces(bytes, step, [&](std::string_view piece) { meter.feed(piece); });
  meter.finish();
  FUZZ_REQUIRE(!meter.is_final() || meter.has_usage());
  FUZZ_REQUIRE(meter.usage().counts.prompt() < (std::uint64_t{1} << 60));
  FUZZ_REQUIRE(meter.usage().counts.output() < (std::uint64_t{1} << 60));
  return meter.usage();
}

std::string filtered(std::string_view bytes, std::size_t step) {
  UsageChunkFilter filter;
  std::string out;
  in_pieces(bytes, step, [&](std::string_view piece) { out += filter.feed(piece); });
  out += filter.finish();
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto bytes = input.substr(3);
  const auto operation = operation_of(input[0]);
  const std::size_t step = static_cast<unsigned char>(input[1]) % 17 + 1;
  const std::size_t whole = bytes.size() + 1;

  const auto events = split(bytes, whole, 1 << 20);
  FUZZ_REQUIRE(events.all == bytes);
  FUZZ_REQUIRE(events == split(bytes, 1, 1 << 20));
  FUZZ_REQUIRE(split(bytes, step, 32).all == bytes);
  FUZZ_REQUIRE(split(bytes, step, 32).events == split(bytes, whole, 32).events);

  for (const auto kind : {BodyKind::sse, BodyKind::json}) {
    const auto usage = metered(operation, kind, bytes, whole);
    const auto again = metered(operation, kind, bytes, step);
    FUZZ_REQUIRE(usage.counts == again.counts);
    FUZZ_REQUIRE(usage.output_text_bytes == again.output_text_bytes);
    FUZZ_REQUIRE(usage.model == again.model);
  }

  const auto passed = filtered(bytes, whole);
  FUZZ_REQUIRE(passed == filtered(bytes, step));
  FUZZ_REQUIRE(passed.size() <= bytes.size());
  FUZZ_REQUIRE(passed == bytes || bytes.find("\"usage\"") != std::string_view::npos);
  return 0;
}
