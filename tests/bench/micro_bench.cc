// What the parts of a request's way cost by themselves.
//
//   cmake --build build/release --target micro_bench && build/release/micro_bench
//
// --benchmark_filter=scan/prose and the like choose some. Times are of one call over a body that is
// in the cache, as it is when the body just arrived: the least of several rounds, since on a shared
// machine all others say more about the neighbours.
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "assembler/json_blocks.h"
#include "assembler/plan.h"
#include "assembler/scan.h"
#include "assembler/splice.h"
#include "bench/bodies.h"
#include "bench/planner_bench.h"
#include "config/hash128.h"
#include "oracle/scan.h"
#include "proxy/answer_meter.h"

namespace {

using namespace foreword;
using bench::BodyKind;

constexpr auto kOperation = config::Operation::messages;
constexpr std::array<std::size_t, 4> kSizes = {1 << 10, 100 << 10, 1 << 20, 4 << 20};
constexpr std::size_t kPadding = 64;  // for the oracle

void count_bytes(benchmark::State& state, std::size_t bytes) {
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes) * state.iterations());
}

std::string padded_body(BodyKind kind, std::size_t bytes) {
  auto body = bench::make_body(kind, bytes);
  body.append(kPadding, '\0');
  return body;
}

std::string_view without_padding(const std::string& padded) {
  return std::string_view(padded).substr(0, padded.size() - kPadding);
}

void scan(benchmark::State& state, BodyKind kind, std::size_t bytes) {
  const auto padded = padded_body(kind, bytes);
  const auto body = without_padding(padded);
  if (!assembler::scan(kOperation, body)) return state.SkipWithError("not outlined");
  for (auto _ : state) benchmark::DoNotOptimize(assembler::scan(kOperation, body));
  count_bytes(state, body.size());
}

void scan_by_oracle(benchmark::State& state, BodyKind kind, std::size_t bytes) {
  const auto padded = padded_body(kind, bytes);
  const auto body = without_padding(padded);
  if (!oracle::scan_padded(kOperation, body)) return state.SkipWithError("not outlined");
  for (auto _ : state) benchmark::DoNotOptimize(oracle::scan_padded(kOperation, body));
  count_bytes(state, body.size());
}

/// The part that looks at every byte, for each instruction set of this machine.
void classify(benchmark::State& state, const assembler::json::InstructionSet* set) {
  constexpr std::size_t kBatchBytes = assembler::json::kBatchBlocks * assembler::json::kBlockBytes;
  const auto body = bench::make_body(BodyKind::prose, 1 << 20);
  for (auto _ : state) {
    assembler::json::BlockCarry carry;
    for (std::size_t at = 0; at + kBatchBytes <= body.size(); at += kBatchBytes) {
      assembler::json::BatchMasks masks;
      set->classify(body.data() + at, assembler::json::kBatchBlocks, carry, masks);
      benchmark::DoNotOptimize(masks.quote_blocks);
    }
  }
  count_bytes(state, body.size());
}

void hash(benchmark::State& state, std::size_t bytes) {
  const auto body = bench::make_body(BodyKind::prose, bytes);
  for (auto _ : state) benchmark::DoNotOptimize(config::xxh3_128(body));
  count_bytes(state, body.size());
}

/// A knowledge base of two layers in front of a request.
struct Prompt {
  explicit Prompt(std::size_t messages)
      : body(bench::make_body(BodyKind::chat, messages * 60)),
        layers{std::string(800 << 10, 'x'), "second"},
        outline(assembler::scan(kOperation, body).value()) {
    knowledge = {joined.layers()};
    request.cache_key = "0123456789abcdef";
    request.outline = &outline;
    request.knowledge = &knowledge;
  }

  std::string body;
  std::array<std::string, 2> layers;
  std::array<assembler::NamedLayers, 1> bases = {{{"handbook", layers}}};
  assembler::JoinedKnowledge joined{bases};
  assembler::Outline outline;
  assembler::KnowledgeView knowledge;
  assembler::PlanRequest request;
};

void plan(benchmark::State& state) {
  const Prompt prompt(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(assembler::plan(prompt.request));
  state.counters["segments"] = static_cast<double>(prompt.outline.segments.size());
}

void splice(benchmark::State& state) {
  const Prompt prompt(static_cast<std::size_t>(state.range(0)));
  const auto made = assembler::plan(prompt.request);
  for (auto _ : state) benchmark::DoNotOptimize(assembler::splice(prompt.body, made.edits));
}

/// A streamed answer in pieces of one relay read.
void meter(benchmark::State& state) {
  const auto stream = bench::make_stream(static_cast<std::size_t>(state.range(0)));
  const auto piece = static_cast<std::size_t>(state.range(1));
  proxy::ResponseHead head;
  head.status = 200;
  head.fields.push_back({"content-type", "text/event-stream"});
  for (auto _ : state) {
    proxy::AnswerMeter meter(kOperation, false);
    meter.on_head(head);
    for (std::size_t at = 0; at < stream.size(); at += piece) {
      meter.feed(std::string_view(stream).substr(at, piece));
    }
    meter.finish();
    benchmark::DoNotOptimize(meter.usage());
  }
  count_bytes(state, stream.size());
}

benchmark::internal::Benchmark* least_of_rounds(benchmark::internal::Benchmark* benchmark) {
  const auto least = [](const std::vector<double>& times) { return std::ranges::min(times); };
  return benchmark->Repetitions(7)->ReportAggregatesOnly()->ComputeStatistics("least", least);
}

std::string size_name(std::size_t bytes) {
  return bytes < 1 << 20 ? std::to_string(bytes >> 10) + "K" : std::to_string(bytes >> 20) + "M";
}

template <class... Args>
benchmark::internal::Benchmark* add(const std::string& name, Args&&... args) {
  return least_of_rounds(benchmark::RegisterBenchmark(name.c_str(), std::forward<Args>(args)...));
}

void add_scans() {
  for (std::size_t kind = 0; kind < bench::kBodyKindNames.size(); ++kind) {
    for (const auto bytes : kSizes) {
      const auto name = std::string(bench::kBodyKindNames[kind]) + "/" + size_name(bytes);
      add("scan/" + name, scan, static_cast<BodyKind>(kind), bytes);
      add("oracle/" + name, scan_by_oracle, static_cast<BodyKind>(kind), bytes);
    }
  }
  for (std::size_t i = 0; const auto* set = assembler::json::instruction_set(i); ++i) {
    add(std::string("classify/") + set->name, classify, set);
  }
}

void add_others() {
  for (const auto bytes : kSizes) add("hash/" + size_name(bytes), hash, bytes);
  add("plan", plan)->Arg(10)->Arg(1000);
  add("splice", splice)->Arg(10)->Arg(1000);
  add("meter", meter)->Args({16 << 10, 140})->Args({16 << 10, 64 << 10})->Args({1 << 20, 64 << 10});
}

void add_planner() {
  add("decide/again", bench::decide_again);
  add("decide/cold", bench::decide_cold);
  add("decide/growing", bench::decide_growing);
  for (const auto prefixes : {2'000, 300'000, 2'000'000}) {
    const auto name = "remember/" + std::to_string(prefixes);
    benchmark::RegisterBenchmark(name.c_str(), bench::remember)->Arg(prefixes)->Iterations(1);
  }
}

}  // namespace

int main(int argc, char** argv) {
  add_scans();
  add_others();
  add_planner();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
