// Parts of Foreword that are measured by themselves: the TLS stream, and the planner.

#include <chrono>
#include <stdexcept>
#include <string>

#include "assembler/plan.h"
#include "assembler/scan.h"
#include "tools/bench/interrupt.h"
#include "tools/bench/names.h"
#include "tools/bench/session.h"
#include "tools/bench/tls_send.h"

namespace foreword::bench {
namespace {

constexpr std::size_t kTlsBytes = 1u << 20;
constexpr int kPlansPerRepeat = 2'000;

/// A conversation of 1,000 turns: as many segments.
std::string thousand_turns() {
  std::string body = R"({"model":"claude-sonnet-5-5","max_tokens":1024,"messages":[)";
  for (int i = 0; i < 500; ++i) {
    body += R"({"role":"user","content":"And what follows from that?"},)"
            R"({"role":"assistant","content":[{"type":"text","text":"The next step."}]},)";
  }
  body.back() = ']';
  return body + '}';
}

}  // namespace

void measure_tls(Session& session) {
  say("TLS sends");
  measure_tls_sends(kTlsBytes, session.plan.repeats, [&](const TlsSendCost& cost) {
    check_interrupt();
    auto& results = session.results;
    results.add({measures::kTlsSend, candidates::kForeword, points::k1M}, cost.foreword_us);
    results.add({measures::kTlsSend, candidates::kAsioSslStream, points::k1M}, cost.asio_us);
  });
}

void measure_planner(Session& session) {
  say("the planner");
  const auto body = thousand_turns();
  const auto outline = assembler::scan(config::Operation::messages, body);
  if (!outline) throw std::runtime_error("the scanner does not take the planner's conversation");
  const assembler::KnowledgeLayer layer{{}, "<documents>\\n</documents>\\n", {}};
  assembler::KnowledgeView knowledge;
  knowledge.layers = {&layer, 1};
  assembler::PlanRequest request;
  request.outline = &*outline;
  request.knowledge = &knowledge;
  for (std::size_t repeat = 0; repeat < session.plan.repeats; ++repeat) {
    check_interrupt();
    const auto began = std::chrono::steady_clock::now();
    for (int i = 0; i < kPlansPerRepeat; ++i) {
      if (assembler::plan(request).edits.empty()) throw std::runtime_error("nothing was planned");
    }
    const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - began;
    session.results.add({measures::kPlan, candidates::kForeword, points::k1000Segments},
                        took.count() / kPlansPerRepeat);
  }
}

}  // namespace foreword::bench
