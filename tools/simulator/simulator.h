// The three providers behind one front, free of sockets: a request in, an exchange out.
//
// Control, beside the providers' paths:
//
//   GET  /simulator/requests?limit=N  the log: {"total", "aborted", "requests": [...]}
//   GET  /simulator/clock             {"unix_seconds", "elapsed_us", "held": answers that are held
//                                     back, "next_first_byte_us": when the first of them begins}
//   POST /simulator/clock             {"advance_seconds": 301} or {"advance_us": 50001}, only under
//                                     virtual time; answers as GET
//   POST /simulator/faults            {"faults": "status=529;times=2"}: for the next requests; ""
//   for none POST /simulator/reset             caches, log and faults as at the start; the clock
//   stays
//
// Safe to use from any thread.
#pragma once

#include <mutex>
#include <optional>

#include "simulator/anthropic_api.h"
#include "simulator/faults.h"
#include "simulator/first_bytes.h"
#include "simulator/gemini_api.h"
#include "simulator/openai_api.h"
#include "simulator/request_log.h"
#include "simulator/world.h"

namespace foreword::simulator {

/// One request and what is to happen to it. The transport calls begin() right before the first byte
/// and end() exactly once.
struct Exchange {
  Reply reply;
  Faults faults;  // what is left for the transport: delays, cuts, stalls, compression
  bool accepts_gzip = false;
  std::uint64_t log_id = 0;                // 0: not logged
  std::optional<TimePoint> first_byte_at;  // on the virtual clock
};

class Simulator {
 public:
  /// Throws std::runtime_error if the options' faults cannot be understood: start-up code only.
  explicit Simulator(const Options& options);

  [[nodiscard]] Exchange answer(const Request& request);
  /// For a body that is too large to be read.
  [[nodiscard]] Exchange refuse_size(const Request& request);

  void begin(const Exchange& exchange);
  void end(const Exchange& exchange, Ending ending, std::uint64_t output_tokens);

  [[nodiscard]] Clock& clock() { return world_.clock; }
  [[nodiscard]] FirstBytes& first_bytes() { return first_bytes_; }

 private:
  [[nodiscard]] Reply control(const Request& request);
  [[nodiscard]] Reply clock_page();
  [[nodiscard]] Reply move_clock(const json::value& body);
  [[nodiscard]] Reply provider_reply(const Request& request, Dialect dialect);
  /// An error for no fault of the request, with the provider's id header.
  [[nodiscard]] Reply failed_reply(const ApiError& error, config::Provider provider);
  [[nodiscard]] Faults take_faults();
  [[nodiscard]] std::uint64_t log(const Request& request, Dialect dialect, const Reply& reply);
  void reset();

  World world_;
  AnthropicApi anthropic_;
  OpenAiApi openai_;
  GeminiApi gemini_;
  RequestLog log_;
  FirstBytes first_bytes_;

  const Faults start_faults_;
  std::mutex faults_mutex_;
  Faults faults_;
};

/// Which API a request is meant for: by its path, and where paths collide by its headers.
[[nodiscard]] Dialect recognise(const Request& request);

}  // namespace foreword::simulator
