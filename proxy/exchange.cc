#include "proxy/exchange.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "assembler/plan.h"
#include "assembler/scan.h"
#include "assembler/splice.h"
#include "config/limits.h"
#include "proxy/cache_key.h"
#include "proxy/capture.h"
#include "proxy/forward.h"
#include "proxy/keep_warm.h"
#include "proxy/log.h"
#include "proxy/model_alias.h"
#include "proxy/pass_through.h"
#include "proxy/prompt_body.h"
#include "proxy/prompt_cache.h"
#include "proxy/refused_insertion.h"
#include "proxy/row.h"
#include "proxy/traces.h"

namespace foreword::proxy {
namespace {

using config::Mode;

/// What became of the request's body: the pieces to send, and what the ledger will say of it.
/// Everything the pieces view lives here or in the body.
struct Prompt {
  explicit Prompt(const Exchange& exchange) : body(exchange) {}
  PromptBody body;
  std::shared_ptr<const AttachedKbs> kb;
  std::optional<assembler::Outline> outline;  // nothing: it goes on as it came
  std::optional<CachedPrompt> cached;         // nothing: there is nothing to decide
  std::optional<CacheUse> use;                // from when it is sent
  assembler::Plan plan;
  assembler::Additions leave_out;  // beside what the upstream is known to refuse
  assembler::SplicedBody spliced;
  std::string head;
  PromptFacts facts;
  std::unique_ptr<PendingCapture> capture;  // nullptr: it is not kept for training
};

std::optional<Failure> find_kb(const Exchange& exchange, Prompt& prompt) {
  const auto& call = exchange.call;
  if (call.kb.empty() || call.mode != Mode::optimize) return std::nullopt;
  auto attached = exchange.shard.services().knowledge.attach(call.kb);
  if (!attached) return Failure(FailureCode::unknown_kb, attached.error().message);
  prompt.kb = *std::move(attached);
  return std::nullopt;
}

/// Only what is surely too large is refused here: estimates err, and near the edge the provider
/// itself knows best.
std::optional<Failure> check_window(const Exchange& exchange, const Prompt& prompt) {
  if (!prompt.kb) return std::nullopt;
  const auto* model = prompt.facts.known_model;
  if (model == nullptr) return std::nullopt;
  const auto [tokens, error] = kb_tokens(exchange, prompt.facts, *prompt.kb);
  const auto at_least = static_cast<double>(tokens) * (1 - error);
  if (at_least <= static_cast<double>(model->context_window_tokens)) return std::nullopt;
  return Failure(FailureCode::kb_too_large,
                 fmt::format("prompt is too long: knowledge base '{}' has about {} tokens, {} "
                             "takes {}: use a model with a larger window or a smaller base",
                             prompt.kb->name, tokens, model->name, model->context_window_tokens));
}

/// What stays out costs nothing and takes no room.
bool goes_in(assembler::Placement placement) {
  return placement == assembler::Placement::inserted ||
         placement == assembler::Placement::inserted_unmarked;
}

/// What this prompt is to do without.
assembler::Additions left_out(const Exchange& exchange, const Prompt& prompt) {
  const auto& upstream = exchange.call.upstream->name;
  auto refused =
      exchange.shard.services().refusals->known(upstream, prompt.facts.model, exchange.started);
  refused.add(prompt.leave_out);
  return refused;
}

/// OpenAI's prompt_cache_key, where the client has sent none.
std::string cache_key_for(const Exchange& exchange, const Prompt& prompt,
                          const assembler::PlanRequest& request, const config::Model* model) {
  const auto left_out = request.leave_out;
  const bool openai = exchange.call.upstream->provider == config::Provider::openai;
  if (!openai || left_out.has(assembler::Addition::cache_key)) return {};
  const auto& fields = exchange.head().fields;
  auto scope = exchange.call.upstream->name;
  for (const auto credentials : {FieldName::authorization, FieldName::api_key}) {
    scope.append("\n").append(find_field(fields, credentials).value_or(""));
  }
  KeyedPrompt keyed;
  keyed.outline = request.outline;
  keyed.body = prompt.body.bytes.view();
  keyed.model = model;
  const bool kb = prompt.kb != nullptr && !left_out.has(assembler::Addition::knowledge);
  if (kb) keyed.kb_key = prompt.kb->cache_key;
  keyed.scope = scope;
  return choose_cache_key(keyed, *exchange.shard.services().affinity, exchange.started_steady);
}

/// What the scanner found. A body that is not understood goes on as it came, and is counted.
void understand(Exchange& exchange, Prompt& prompt, assembler::Scanner& scanner) {
  const auto& call = exchange.call;
  prompt.facts.request_bytes = prompt.body.bytes.size();
  prompt.facts.model = call.path_model;
  prompt.facts.stream = call.path_stream;
  auto outline = scanner.finish(prompt.body.bytes.view());
  if (!outline) {
    const auto& services = exchange.shard.services();
    ++services.counters.not_understood;
    prompt.facts.known_model = services.models.now().find(call.upstream->provider, call.path_model);
    prompt.facts.placement = assembler::name_of(outline.error());
    prompt.kb.reset();
    return;
  }
  prompt.outline = std::move(*outline);
  settle_facts(exchange, *prompt.outline, prompt.facts);
  prompt.facts.client_markers = client_markers(*prompt.outline);
  prompt.cached = cached_prompt(exchange, prompt.facts, prompt.kb.get(), *prompt.outline);
}

/// What goes in, and where: nothing in mode observe.
void plan(Exchange& exchange, Prompt& prompt, const config::Outlook& outlook) {
  assembler::KnowledgeView view;
  assembler::PlanRequest request;
  request.outline = &*prompt.outline;
  if (prompt.kb) {
    view.layers = prompt.kb->knowledge.layers();
    request.knowledge = &view;
  }
  const auto* model = prompt.facts.known_model;
  request.model.explicit_breakpoints = model != nullptr && model->explicit_breakpoints;
  assembler::WantedMarks wanted;
  if (prompt.cached) {
    const auto& cached = *prompt.cached;
    wanted = assembler::wanted_marks(cached.path, *prompt.outline, outlook, cached.terms);
    request.marks = wanted.marks;
    request.most_knowledge_marks = wanted.most_knowledge_marks;
    request.knowledge_long = wanted.knowledge_long;
    request.only_marked = wanted.only_marked;
  }
  request.leave_out = left_out(exchange, prompt);
  const auto key = cache_key_for(exchange, prompt, request, model);
  request.cache_key = key;
  prompt.plan = assembler::plan(request);
}

/// The memory learns of the prompt as it is sent, with all its breakpoints.
void note_use(Exchange& exchange, Prompt& prompt, config::Outlook& outlook) {
  auto& cached = prompt.cached;
  if (!cached) return;
  if (!cached->layers.empty() && !prompt.facts.kb) {
    // It stayed out, so these are other positions.
    cached = cached_prompt(exchange, prompt.facts, nullptr, *prompt.outline);
    outlook.warm.reset();
    if (!cached) return;
  }
  const auto marks =
      assembler::marks_sent(cached->path, *prompt.outline, cached->layers, prompt.plan);
  prompt.use.emplace(exchange, prompt.facts, *cached, outlook, marks);
  auto& keep_warm = *exchange.shard.services().keep_warm;
  if (!prompt.facts.kb || !keep_warm.has_work()) return;
  const auto end = std::ranges::find(marks, cached->path.knowledge_end(), &config::Mark::position);
  if (end != marks.end()) {
    keep_warm.used(exchange, prompt.kb, prompt.facts.model, *cached, *end);
  }
}

/// Plan and splice, by what is remembered now.
std::optional<Failure> assemble(Exchange& exchange, Prompt& prompt, config::Outlook& outlook) {
  const auto body = prompt.body.bytes.view();
  if (!prompt.outline) {
    prompt.spliced = assembler::splice(body, {});
    return std::nullopt;
  }
  if (exchange.call.plans()) plan(exchange, prompt, outlook);
  exchange.kb_refused = prompt.plan.placement == assembler::Placement::refused;
  prompt.facts.placement = assembler::name_of(prompt.plan.placement);
  prompt.facts.kb.reset();
  if (goes_in(prompt.plan.placement)) {
    if (auto failure = check_window(exchange, prompt)) return failure;
    prompt.facts.kb = prompt.kb;
  }
  note_use(exchange, prompt, outlook);
  prompt.facts.placed_markers = static_cast<std::uint32_t>(prompt.plan.placed.size());
  prompt.facts.prefixes =
      row_prefixes(exchange, prompt.facts, prompt.facts.kb.get(), *prompt.outline, prompt.cached);
  prompt.facts.inserted_bytes = resolve_alias(*prompt.outline, prompt.facts, prompt.plan);
  prompt.spliced = assembler::splice(body, prompt.plan.edits);
  return std::nullopt;
}

/// Nothing: it is to wait for another prompt, which writes what both share.
std::optional<std::optional<Failure>> assemble_in_turn(Exchange& exchange, Prompt& prompt,
                                                       GateWait& wait) {
  const auto& services = exchange.shard.services();
  const auto& cached = *prompt.cached;
  const auto turn = services.turns->take(cached.path.prefixes.front().hash);
  auto outlook = services.prefixes->outlook(cached.scope, cached.path.prefixes, services.now());
  if (exchange.call.mode == Mode::optimize && wait.is_to_wait(outlook)) return std::nullopt;
  return assemble(exchange, prompt, outlook);
}

Task<std::optional<Failure>> wait_and_assemble(Exchange& exchange, Prompt& prompt) {
  if (!prompt.cached) {
    config::Outlook nothing;
    co_return assemble(exchange, prompt, nothing);
  }
  GateWait wait(exchange, *prompt.cached);
  auto assembled = assemble_in_turn(exchange, prompt, wait);
  while (!assembled) {
    co_await wait.pause();
    assembled = assemble_in_turn(exchange, prompt, wait);
  }
  co_return std::move(*assembled);
}

void record(const Exchange& exchange, const PromptFacts& facts, const AnswerMeter* meter,
            const Ending& ending) {
  if (exchange.call.only_counts) return;
  auto row = make_row(exchange, facts, meter, ending);
  const bool settled = ending.outcome != cache::Outcome::provisional;
  if (exchange.trace && settled) end_trace(exchange, facts, meter, row);
  exchange.shard.services().ledger.append(std::move(row));
}

Task<bool> refuse_and_record(Exchange& exchange, const PromptFacts& facts, const Failure& failure) {
  Ending ending;
  ending.outcome = exchange.client_gone ? cache::Outcome::client_gone : cache::Outcome::failed;
  ending.error = exchange.client_gone ? std::string_view() : name_of(failure.code);
  const auto status = status_of(failure.code, exchange.call.upstream->provider);
  ending.status = exchange.client_gone ? 0 : status;
  record(exchange, facts, nullptr, ending);
  if (exchange.client_gone) co_return false;
  const bool keep = co_await refuse(exchange, failure);
  co_return keep;
}

/// A close is a good end of a body that has neither length nor chunks. Of a stream of events it is
/// not, where the event that ends it is missing.
bool lacks_its_end(const AnswerMeter& meter, bool ends_by_close) {
  return ends_by_close && meter.is_stream() && meter.usage() != nullptr &&
         !meter.usage()->has_ended();
}

cache::Outcome outcome_of(RelayEnd end, const AnswerMeter& meter, bool ends_by_close) {
  const auto* usage = meter.usage();
  if (usage != nullptr && usage->has_failed()) return cache::Outcome::provider_error;
  switch (end) {
    case RelayEnd::complete:
      return lacks_its_end(meter, ends_by_close) ? cache::Outcome::upstream_cut
                                                 : cache::Outcome::complete;
    case RelayEnd::client_gone:  // it may hang up once it has the last event: it missed nothing
      return usage != nullptr && usage->is_final() ? cache::Outcome::complete
                                                   : cache::Outcome::client_gone;
    case RelayEnd::upstream_cut:
      break;
  }
  return cache::Outcome::upstream_cut;
}

std::string prompt_head(const Exchange& exchange, const Prompt& prompt) {
  auto head = upstream_head(exchange);
  head.content_length = prompt.spliced.total_bytes;
  head.narrow_accept_encoding = true;
  head.identity_encoding = prompt.plan.strip_usage_chunk;
  return make_upstream_head(head, exchange.head().fields);
}

Task<std::optional<Failure>> send(Exchange& exchange, Prompt& prompt) {
  prompt.head = prompt_head(exchange, prompt);
  return send_and_read_head(exchange, prompt.head, prompt.spliced.pieces);
}

/// What of ours the answer 400 names.
std::optional<assembler::Addition> judge(const Exchange& exchange, const Prompt& prompt,
                                         const HeldBody& held) {
  const auto error = held.text(exchange.answer->head().fields);
  if (!error) return std::nullopt;
  RefusedRequest request;
  request.operation = exchange.call.operation;
  request.added = prompt.plan.added;
  request.clients_own = prompt.plan.clients_own;
  if (prompt.kb) request.blocks = prompt.kb->knowledge.layers().size();
  return find_refused(request, *error);
}

/// Plans again, without what was refused and all else that can be done without: what is left is the
/// client's own bytes, with the knowledge base in front unless it was that.
std::optional<Failure> assemble_without(Exchange& exchange, Prompt& prompt,
                                        assembler::Addition refused) {
  const auto name = assembler::name_of(refused);
  log_info("upstream", fmt::format("upstream {} refused {}: the prompt is sent again without",
                                   exchange.call.upstream->name, name));
  ++exchange.shard.services().counters.resent;
  prompt.facts.refused = name;
  prompt.leave_out = assembler::all_but_knowledge();
  prompt.leave_out.add(refused);
  prompt.use.reset();
  config::Outlook nothing;
  return assemble(exchange, prompt, nothing);
}

/// The one request that is sent twice: an answer 400 that names what Foreword put in is no answer
/// to the client's request. A 400 bills nothing. What was refused is remembered once it has shown
/// that the upstream takes the rest. `held` is there if the answer is to go on as it came.
Task<std::optional<Failure>> resend_if_refused(Exchange& exchange, Prompt& prompt,
                                               std::optional<HeldBody>& held) {
  held.emplace();
  co_await hold_body(exchange, *held);
  const auto refused = judge(exchange, prompt, *held);
  if (!refused) co_return std::nullopt;
  held.reset();
  drop_answer(exchange);
  exchange.request_sent = false;
  auto failure = assemble_without(exchange, prompt, *refused);
  if (!failure) failure = co_await send(exchange, prompt);
  if (failure) co_return failure;
  const auto status = exchange.answer->head().status;
  if (status < 200 || status >= 300) co_return std::nullopt;
  exchange.shard.services().refusals->remember(exchange.call.upstream->name, prompt.facts.model,
                                               *refused, exchange.started);
  co_return std::nullopt;
}

bool may_be_refused(const Exchange& exchange, const Prompt& prompt) {
  return exchange.answer->head().status == 400 && !exchange.answer->done() &&
         !prompt.plan.added.empty();
}

/// Relays the answer and writes its row: once when usage is first known, and once at the end.
Task<bool> relay_and_record(Exchange& exchange, Prompt& prompt, const HeldBody* held) {
  AnswerMeter meter(exchange.call.operation, prompt.plan.strip_usage_chunk);
  Ending ending;
  ending.status = exchange.answer->head().status;
  meter.on_head(exchange.answer->head());
  meter.copy_to(prompt.capture.get());
  const bool ends_by_close = exchange.answer->ends_by_close();
  bool provisional = false;
  const auto on_piece = [&] {
    if (provisional || !meter.is_stream()) return;
    provisional = true;
    record(exchange, prompt.facts, &meter, ending);
  };
  const auto end = co_await relay(exchange, held, &meter, on_piece);
  meter.finish();
  if (prompt.use && meter.usage() != nullptr && meter.usage()->has_usage()) {
    prompt.use->answered(meter.usage()->usage().counts);
  }
  ending.outcome = outcome_of(end, meter, ends_by_close);
  end_capture(exchange, std::move(prompt.capture), meter, ending.outcome);
  record(exchange, prompt.facts, &meter, ending);
  co_return can_keep(exchange, end);
}

/// What the prompt wrote to the provider's cache can be read.
bool has_begun(const Exchange& exchange) {
  const auto status = exchange.answer->head().status;
  return status >= 200 && status < 300;
}

/// The way of a prompt, in the order of DESIGN's table.
Task<bool> serve_prompt(Exchange& exchange) {
  Prompt prompt(exchange);
  exchange.trace = begin_trace(exchange);
  prompt.facts.model = exchange.call.path_model;
  assembler::Scanner scanner(exchange.call.operation);
  auto failure = take_place(exchange);
  if (!failure) failure = find_kb(exchange, prompt);
  if (!failure) failure = take_body(exchange, prompt.body);
  auto& body = prompt.body;
  if (!failure && !exchange.request_read) failure = co_await read_body(exchange, body, scanner);
  if (failure) {
    const bool refused = co_await refuse_and_record(exchange, prompt.facts, *failure);
    co_return refused;
  }
  understand(exchange, prompt, scanner);
  exchange.client.transport.expires_never();  // from here on, the upstream's deadlines count
  watch_client(exchange);
  failure = co_await wait_and_assemble(exchange, prompt);
  if (!failure && exchange.client_gone) failure = request_cut(ReadStatus::cut);
  if (!failure) failure = co_await send(exchange, prompt);
  std::optional<HeldBody> held;
  if (!failure && may_be_refused(exchange, prompt)) {
    failure = co_await resend_if_refused(exchange, prompt, held);
  }
  if (prompt.use && !failure && has_begun(exchange)) {
    prompt.use->began();
  } else {
    prompt.use.reset();  // somebody else may write it
  }
  bool keep = false;
  if (failure) {
    keep = co_await refuse_and_record(exchange, prompt.facts, *failure);
  } else {
    // Nothing is sent twice from here on: a long stream need not hold its prompt.
    std::string().swap(prompt.head);  // an assignment would keep its memory
    prompt.spliced = assembler::SplicedBody();
    prompt.capture = begin_capture(exchange, prompt.facts, prompt.body.bytes.view());
    prompt.body.let_go();
    prompt.outline.reset();
    prompt.cached.reset();
    exchange.client.reader.drop_head();
    const HeldBody* const read = held ? &*held : nullptr;
    keep = co_await relay_and_record(exchange, prompt, read);
  }
  exchange.client.transport.stop_watching();
  co_return keep;
}

Failure unreadable(ReadStatus status, std::size_t limit) {
  switch (status) {
    case ReadStatus::too_large:
      return Failure(FailureCode::head_too_large,
                     fmt::format("the request's head exceeds proxy.max_head_bytes = {}", limit));
    case ReadStatus::timed_out:
      return Failure(FailureCode::request_timeout, "the request's head did not arrive in time");
    default:
      return Failure(FailureCode::bad_request, "the request is not valid HTTP/1.1");
  }
}

/// What can be said of a request by its head alone.
std::optional<Failure> judge_head(Exchange& exchange, ReadStatus head_status) {
  auto& reader = exchange.client.reader;
  if (head_status != ReadStatus::ok) {
    return unreadable(head_status, exchange.settings().max_head_bytes);
  }
  // First of all, so that whatever is refused is refused in the provider's own shape.
  auto failure = recognise(exchange.head(), exchange.shard.services().settings, exchange.call);
  if (const auto reason = refuse_request(exchange.head())) {
    return Failure(FailureCode::bad_request,
                   fmt::format("the request's head is refused: {}", *reason));
  }
  exchange.request_keeps_alive = wants_keep_alive(exchange.head().version, exchange.head().fields);
  exchange.request_read = reader.done();
  if (failure || !exchange.client.refused) return failure;
  exchange.request_keeps_alive = false;
  return Failure(FailureCode::overloaded,
                 fmt::format("more than proxy.max_connections = {} clients are connected: retry",
                             exchange.settings().max_connections));
}

}  // namespace

Exchange::Exchange(Shard& s, Connection& c)
    : shard(s),
      client(c),
      started(s.services().now()),
      started_steady(SteadyClock::now()),
      id(s.next_request_id(started)),
      id_text(cache::to_text(id)) {
  expires_after(settings().total_timeout);
  s.deadlines().add(*this);
  client.exchange = this;
}

void Exchange::abandon() {
  client_gone = true;
  if (upstream) upstream->close();
}

void Exchange::on_expiry() {
  out_of_time = true;
  if (client.transport.waiting()) client.transport.time_out();
  if (upstream) upstream->time_out();
}

std::chrono::microseconds Exchange::elapsed() const {
  return std::chrono::duration_cast<std::chrono::microseconds>(SteadyClock::now() - started_steady);
}

Task<bool> serve_request(Shard& shard, Connection& client, ReadStatus head_status) {
  if (head_status == ReadStatus::closed || head_status == ReadStatus::cut) co_return false;
  Exchange exchange(shard, client);
  ++shard.services().counters.requests;
  bool keep = false;
  const auto failure = judge_head(exchange, head_status);
  if (failure) {
    keep = co_await refuse(exchange, *failure);
    co_return keep;
  }
  if (exchange.call.reads_prompt()) {
    keep = co_await serve_prompt(exchange);
  } else {
    ++shard.services().counters.passed_through;
    keep = co_await pass_through(exchange);
  }
  co_return keep;
}

}  // namespace foreword::proxy
