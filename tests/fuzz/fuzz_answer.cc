// Answers: the splitter loses no byte and finds the events that the standard defines; whole, in
// pieces or byte by byte, everything that reads an answer makes the same of it; the meter never
// wraps; the filter takes out whole events only.
//
// An input is a line of two characters, then the bytes of an answer. The first names the operation
// (m, c, r, g), the second how the bytes are cut.
#include <string>
#include <string_view>
#include <vector>

#include "assembler/sse.h"
#include "assembler/usage.h"
#include "assembler/usage_chunk_filter.h"
#include "fuzz/operation.h"
#include "fuzz/require.h"
#include "oracle/event_stream.h"

namespace {

using namespace foreword;
using namespace foreword::assembler;

/// Calls visit(piece) for consecutive pieces of at most `step` bytes.
template <class Visit>
void in_pieces(std::string_view bytes, std::size_t step, Visit&& visit) {
  for (; !bytes.empty(); bytes.remove_prefix(std::min(step, bytes.size()))) {
    visit(bytes.substr(0, step));
  }
}

struct Split {
  std::string all;
  std::vector<oracle::StreamEvent> events;  // that have data and are not oversized
  std::vector<std::string> raws;            // of all that are not oversized
  std::string pending;
  bool operator==(const Split&) const = default;
};

Split split(std::string_view bytes, std::size_t step, std::size_t limit) {
  SseSplitter splitter(limit);
  Split result;
  in_pieces(bytes, step, [&](std::string_view piece) {
    splitter.feed(piece, [&](const SseEvent& event) {
      result.all += event.raw;
      if (event.oversized) return;
      result.raws.emplace_back(event.raw);
      if (event.data.empty()) return;
      result.events.push_back({std::string(event.type), std::string(event.data)});
    });
    FUZZ_REQUIRE(splitter.pending().size() <= limit);
  });
  result.pending = splitter.pending();
  result.all += result.pending;
  return result;
}

/// An event that ends with CR where CRLF is the habit is complete only when the next byte is here.
void check_events(const Split& found, std::string_view bytes) {
  auto expected = oracle::read_event_stream(bytes);
  const bool may_wait = bytes.ends_with('\r');
  if (may_wait && expected.size() == found.events.size() + 1) expected.pop_back();
  FUZZ_REQUIRE(found.events == expected);
}

struct Metered {
  config::TokenCounts counts;
  std::uint64_t output_text_bytes = 0;
  std::string model;
  std::string terms;
  bool has_usage = false;
  bool is_final = false;
  bool operator==(const Metered&) const = default;
};

Metered metered(config::Operation operation, BodyKind kind, std::string_view bytes,
                std::size_t step) {
  UsageMeter meter(operation, kind);
  bool seen = false;
  bool closed = false;
  in_pieces(bytes, step, [&](std::string_view piece) {
    meter.feed(piece);
    FUZZ_REQUIRE(meter.has_usage() || !seen);  // what was said once is never taken back
    FUZZ_REQUIRE(meter.is_final() || !closed);
    seen = meter.has_usage();
    closed = meter.is_final();
  });
  meter.finish();
  const auto& usage = meter.usage();
  FUZZ_REQUIRE(!meter.is_final() || meter.has_usage());
  FUZZ_REQUIRE(usage.counts.prompt() < (std::uint64_t{1} << 60));
  FUZZ_REQUIRE(usage.counts.output() < (std::uint64_t{1} << 60));
  FUZZ_REQUIRE(usage.output_text_bytes <= bytes.size());
  const auto& terms = usage.terms;
  return {
      usage.counts,      usage.output_text_bytes,
      usage.model,       terms.service_tier + '\x1f' + terms.speed + '\x1f' + terms.inference_geo,
      meter.has_usage(), meter.is_final()};
}

std::string filtered(std::string_view bytes, std::size_t step) {
  UsageChunkFilter filter;
  std::string out;
  in_pieces(bytes, step, [&](std::string_view piece) { out += filter.feed(piece); });
  out += filter.finish();
  return out;
}

/// All of the events, in their order, but for some that name usage.
void check_filtered(const Split& whole, std::string_view passed) {
  for (const auto& raw : whole.raws) {
    if (passed.starts_with(raw)) {
      passed.remove_prefix(raw.size());
      continue;
    }
    FUZZ_REQUIRE(raw.find("\"usage\"") != std::string::npos);
  }
  FUZZ_REQUIRE(passed == whole.pending);
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
  check_events(events, bytes);
  for (const auto piece : {std::size_t{1}, step}) {
    FUZZ_REQUIRE(split(bytes, piece, 1 << 20) == events);
    FUZZ_REQUIRE(split(bytes, piece, 32).all == bytes);
    FUZZ_REQUIRE(split(bytes, piece, 32).events == split(bytes, whole, 32).events);
  }

  for (const auto kind : {BodyKind::sse, BodyKind::json}) {
    const auto usage = metered(operation, kind, bytes, whole);
    FUZZ_REQUIRE(usage == metered(operation, kind, bytes, step));
    FUZZ_REQUIRE(usage == metered(operation, kind, bytes, 1));
  }

  const auto passed = filtered(bytes, whole);
  FUZZ_REQUIRE(passed == filtered(bytes, step));
  FUZZ_REQUIRE(passed == filtered(bytes, 1));
  check_filtered(events, passed);
  return 0;
}
