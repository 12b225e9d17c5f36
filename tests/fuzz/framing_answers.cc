#include <optional>

#include "assembler/usage_chunk_filter.h"
#include "fuzz/framing.h"
#include "proxy/body_framer.h"
#include "proxy/framing.h"

namespace foreword::fuzz {
namespace {

using namespace foreword::proxy;
using Buffer = MessageBuffer<false>;

/// One answer on its way: what the proxy made of the upstream's bytes, and what the client got.
struct Answer {
  std::size_t interims = 0;  // answers of 1xx in front of it
  bool refused = false;      // its head: nothing of it goes out
  bool has_head = false;
  bool switched = false;  // 101: what follows is no HTTP
  bool chunked = false;
  BodyFraming framing{};
  bool edited = false;
  bool malformed = false;  // the coding of its body
  bool complete = false;
  std::string to_client;
};

HttpVersion client_version(Asked asked) {
  return asked == Asked::http10 ? 10 : 11;
}

/// Reads heads up to the last one of this answer. False: none came, or none that is let through.
bool read_heads(Asked asked, Buffer& buffer, Pieces& pieces, Answer& answer) {
  for (;;) {
    buffer.start_head(asked != Asked::head);
    auto status = buffer.parse_head();
    while (!status && pieces.feed(buffer)) status = buffer.parse_head();
    if (!status) return false;
    const auto& head = buffer.head();
    answer.refused = *status != ReadStatus::ok || refuse_response(head);
    answer.switched = !answer.refused && head.status == 101;
    answer.refused = answer.refused || (answer.switched && asked != Asked::upgrade);
    if (answer.refused) return false;
    if (answer.switched || head.status >= 200) return true;
    ++answer.interims;
    answer.to_client += make_interim_head(head);
  }
}

std::string head_for_client(Asked asked, Answer& answer, const Buffer& buffer,
                            const AnswerMeter* meter) {
  ClientHead head;
  head.request_id = "id";
  head.upgrade = answer.switched;
  if (!answer.switched) {
    AnswerBody body;
    body.none = buffer.done();
    body.chunked = buffer.chunked();
    if (const auto length = buffer.content_length()) body.length = *length;
    body.edited = answer.edited;
    head.framing = framing_for_client(body, client_version(asked));
    head.client_version = client_version(asked);
    head.keep_alive = head.framing != BodyFraming::until_close;
    head.keep_alive_seconds = 75;
  }
  answer.framing = head.framing;
  answer.edited = meter->edits();
  return make_client_head(head, buffer.head());
}

void read_body(Buffer& buffer, Pieces& pieces, AnswerMeter& meter, Answer& answer) {
  AnswerFramer framer(answer.framing, answer.chunked, &meter);
  for (;;) {
    auto status = buffer.parse_body();
    if (!status && pieces.feed(buffer)) continue;
    const bool ended = !status;
    if (ended) status = buffer.end_body();
    Gather out;
    if (!ended) framer.add(buffer.events(), out);
    answer.complete = *status == ReadStatus::done;
    answer.malformed = *status == ReadStatus::malformed;
    if (answer.complete) framer.add_end(out);
    append(answer.to_client, out);
    framer.clear();
    if (*status != ReadStatus::ok) return;
  }
}

Answer read_answer(Asked asked, std::string_view bytes, unsigned seed) {
  static BlockPool pool;
  Answer answer;
  Pieces pieces(bytes, seed);
  Buffer buffer(pool, config::limits::kMaxHeadBytes);
  if (!read_heads(asked, buffer, pieces, answer)) return answer;
  answer.has_head = true;
  AnswerMeter meter(config::Operation::chat_completions, asked == Asked::edited_stream);
  meter.on_head(buffer.head());
  answer.edited = meter.edits();
  answer.chunked = buffer.chunked();
  answer.to_client += head_for_client(asked, answer, buffer, &meter);
  if (!answer.switched) read_body(buffer, pieces, meter, answer);
  return answer;
}

/// The last answer in `bytes`, behind `interims` others.
oracle::HttpReading last_answer(Asked asked, std::string_view bytes, std::size_t interims,
                                std::size_t& begin) {
  for (begin = 0;; --interims) {
    auto reading = oracle::read_answer(bytes.substr(begin), asked == Asked::head);
    if (interims == 0 || reading.verdict != oracle::Verdict::message) return reading;
    FUZZ_REQUIRE(reading.message.status < 200);
    begin += reading.message.end;
  }
}

std::string filtered(std::string_view body, bool complete) {
  assembler::UsageChunkFilter filter;
  std::string out(filter.feed(body));
  if (complete) out += filter.finish();
  return out;
}

void check_head(const Answer& answer, const oracle::HttpMessage& came,
                const oracle::HttpMessage& went) {
  FUZZ_REQUIRE(went.status == came.status && went.reason == came.reason && went.version == 11);
  std::set<std::string> written = {"content-length"};
  const auto named = oracle::members_of(came.fields, "connection");
  FUZZ_REQUIRE(passing(came.fields, named, written) == passing(went.fields, {}, written));
  FUZZ_REQUIRE(oracle::values_of(went.fields, "x-foreword-request") ==
               std::vector<std::string>{"id"});
  const auto length = oracle::values_of(went.fields, "content-length");
  const bool never = went.status < 200 || went.status == 204;
  if (never) FUZZ_REQUIRE(length.empty());
  if (!never && !answer.edited) {
    FUZZ_REQUIRE(length == oracle::values_of(came.fields, "content-length"));
  }
  const auto codings = oracle::values_of(went.fields, "transfer-encoding").size();
  FUZZ_REQUIRE(codings == (answer.framing == BodyFraming::chunked ? 1u : 0u));
}

/// What the client got is one answer, and the same one; cut where the upstream's was.
void check_client(Asked asked, const Answer& answer, const oracle::HttpMessage& came) {
  std::size_t begin = 0;
  const auto reading = last_answer(asked, answer.to_client, answer.interims, begin);
  FUZZ_REQUIRE(reading.verdict == oracle::Verdict::message);
  const auto& went = reading.message;
  check_head(answer, came, went);
  if (answer.switched) return;
  FUZZ_REQUIRE(begin + went.end == answer.to_client.size() || !went.complete);
  // A client of HTTP/1.0 learns by a reset that its answer was cut.
  if (answer.framing != BodyFraming::until_close) FUZZ_REQUIRE(went.complete == answer.complete);
  if (answer.edited) {
    FUZZ_REQUIRE(went.body == filtered(came.body, answer.complete));
  } else {
    FUZZ_REQUIRE(went.body == came.body);
    if (answer.chunked && answer.framing == BodyFraming::chunked) {
      FUZZ_REQUIRE(went.chunks == came.chunks);
    }
  }
}

void check_interims(const Answer& answer) {
  std::string_view rest = answer.to_client;
  for (std::size_t i = 0; i < answer.interims; ++i) {
    const auto reading = oracle::read_answer(rest, false);
    FUZZ_REQUIRE(reading.verdict == oracle::Verdict::message);
    const auto& interim = reading.message;
    FUZZ_REQUIRE(oracle::values_of(interim.fields, "content-length").empty());
    FUZZ_REQUIRE(passing(interim.fields, {}, {}) == interim.fields);
    rest.remove_prefix(interim.end);
  }
  if (!answer.has_head) FUZZ_REQUIRE(rest.empty());
}

/// As of a request: what is refused is either wrong by the grammar or breaks a rule of our own.
void check_refused(const oracle::HttpReading& reading) {
  if (reading.verdict != oracle::Verdict::message || !reading.message.complete) return;
  const auto& message = reading.message;
  const bool too_large = message.end - message.body.size() > config::limits::kLeastMaxHeadBytes ||
                         message.fields.size() > config::limits::kMaxHeaderFields;
  const bool connection = !oracle::values_of(message.fields, "connection").empty() ||
                          !oracle::values_of(message.fields, "proxy-connection").empty();
  FUZZ_REQUIRE(too_large || connection || message.status == 101 || !message.trailers.empty());
}

bool same(const Answer& a, const Answer& b) {
  return a.interims == b.interims && a.refused == b.refused && a.has_head == b.has_head &&
         a.switched == b.switched && a.chunked == b.chunked && a.framing == b.framing &&
         a.edited == b.edited && a.malformed == b.malformed && a.complete == b.complete;
}

}  // namespace

void check_answers(Asked asked, std::string_view bytes, unsigned seed) {
  const auto whole = read_answer(asked, bytes, 0);
  const auto cut = read_answer(asked, bytes, seed + 1);
  FUZZ_REQUIRE(same(whole, cut));
  check_interims(whole);
  std::size_t begin = 0;
  const auto reading = last_answer(asked, bytes, whole.interims, begin);
  if (whole.refused) return check_refused(reading);
  if (!whole.has_head) {
    FUZZ_REQUIRE(reading.verdict != oracle::Verdict::message);
    return;
  }
  if (!whole.switched && whole.malformed) return check_refused(reading);
  // What is wrong in a chunk's line that is not all here is not seen yet.
  if (!whole.complete && reading.verdict == oracle::Verdict::refused) return;
  FUZZ_REQUIRE(reading.verdict == oracle::Verdict::message);
  FUZZ_REQUIRE(whole.switched || reading.message.complete == whole.complete);
  check_client(asked, whole, reading.message);
  check_client(asked, cut, reading.message);
}

}  // namespace foreword::fuzz
