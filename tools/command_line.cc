#include "tools/command_line.h"

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>

#include <CLI/CLI.hpp>

#include "tools/commands.h"

namespace foreword::tools {
namespace {

void add_settings(CLI::App& command, SettingsSource& source) {
  command.add_option("--config", source.file, "Settings file (TOML)")->envname("FOREWORD_CONFIG");
  command
      .add_option("--set", source.overrides, "Override one setting, e.g. proxy.listen=127.0.0.1:0")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
}

void add_store(CLI::App& command, StoreSource& store) {
  add_settings(command, store.settings);
  command.add_option("--admin", store.admin, "Admin URL of the running proxy");
  command.add_option("--data", store.data, "Store folder to open itself, when no proxy holds it");
}

void add_period(CLI::App& command, PeriodQuestion& period) {
  command.add_option("--since", period.since, "Only this long back: 30m, 24h, 7d");
  command.add_option("--from", period.from, "From this day or time on, UTC")->type_name("TIME");
  command.add_option("--to", period.to, "Before this day or time, UTC; else now")
      ->type_name("TIME");
}

/// All options' values, and which command was asked for.
struct Invocation {
  SettingsSource settings;
  StoreSource store;
  SavingsQuestion savings;
  AdviceQuestion advice;
  ExportQuestion ledger_export;
  ReconcileQuestion reconcile;
  DistillExportQuestion distill_export;
  DistillDeleteQuestion distill_delete;
  ExplainQuestion explain;
  SimulateQuestion simulate;
  bool serves_virtual_time = false;
  ReplayQuestion replay;
  bench::BenchOptions bench;
  std::string kb;
  LoadQuestion load;
  RollBackQuestion roll_back;
  std::filesystem::path export_folder;
  std::filesystem::path replay_folder;
  std::filesystem::path replay_updates;
  ImportQuestion prices;
  std::string model;
  std::string at;
  int max_age_days = 90;
  bool as_json = false;
  std::function<int()> action;
};

void add_kb_history_commands(CLI::App& kb, Invocation& call) {
  auto& history = *kb.add_subcommand("history", "The versions that are kept, newest first");
  history.add_option("NAME", call.kb)->required();
  history.add_flag("--json", call.as_json, "Print JSON");
  add_store(history, call.store);
  history.callback([&call] {
    call.action = [&call] { return show_kb_history(call.store, call.kb, call.as_json); };
  });

  auto& rollback = *kb.add_subcommand("rollback", "Publish a version of before once more");
  rollback.add_option("NAME", call.kb)->required();
  rollback.add_option("VERSION", call.roll_back.version,
                      "The beginning of its id; else the one before the current one");
  rollback
      .add_option("--prewarm", call.roll_back.prewarm,
                  "Write this model's cache first; may be repeated")
      ->type_name("MODEL")
      ->allow_extra_args(false);
  rollback.add_flag("--json", call.roll_back.as_json, "Print JSON");
  add_store(rollback, call.store);
  rollback.callback([&call] {
    call.action = [&call] { return roll_back_kb(call.store, call.kb, call.roll_back); };
  });

  auto& write = *kb.add_subcommand("export", "Write the current documents to a folder");
  write.add_option("NAME", call.kb)->required();
  write.add_option("FOLDER", call.export_folder, "Empty, or not there yet")->required();
  write.add_flag("--json", call.as_json, "Print JSON");
  add_store(write, call.store);
  write.callback([&call] {
    call.action = [&call] {
      return export_kb(call.store, call.kb, call.export_folder, call.as_json);
    };
  });
}

void add_kb_commands(CLI::App& app, Invocation& call) {
  auto& kb = *app.add_subcommand(
      "kb", "Knowledge bases: load, diff, list, show, history, rollback, export, rm, replay");
  kb.require_subcommand(1);
  add_kb_history_commands(kb, call);

  auto& load = *kb.add_subcommand("load", "Load files and folders as a knowledge base");
  load.add_option("NAME", call.load.kb, "Letters, digits, '.', '_' and '-'")->required();
  load.add_option("PATH", call.load.paths,
                  "Files or folders: Markdown, text, source code, reStructuredText, HTML, PDF, "
                  "DOCX, CSV, JSON")
      ->required();
  load.add_flag("--json", call.load.as_json, "Print the new version as JSON");
  load.add_flag("--strict", call.load.strict,
                "Load nothing if more has to be skipped than what is hidden or ignored");
  load.add_flag("--watch", call.load.watch, "Stay, and publish again whenever something changes");
  load.add_flag("--allow-secrets", call.load.allow_secrets,
                "Take files that look like keys or credentials too");
  load.add_flag("--read-all", call.load.read_all,
                "Read files again that did not change since the last load");
  load.add_flag("--allow-oversize", call.load.allow_oversize,
                "Load it even if it fits no model of the table: for models that are not in it");
  load.add_option("--prewarm", call.load.prewarm,
                  "Write this model's cache first; may be repeated. Else the models that "
                  "kb.NAME.models names")
      ->type_name("MODEL")
      ->allow_extra_args(false);
  add_store(load, call.store);
  load.callback([&call] { call.action = [&call] { return load_kb(call.store, call.load); }; });

  auto& diff = *kb.add_subcommand("diff", "What a load would change and cost; stores nothing");
  diff.add_option("NAME", call.load.kb)->required();
  diff.add_option("PATH", call.load.paths, "Files or folders, as for load")->required();
  diff.add_flag("--json", call.load.as_json, "Print JSON");
  diff.add_flag("--allow-secrets", call.load.allow_secrets, "As for load");
  add_store(diff, call.store);
  diff.callback([&call] { call.action = [&call] { return diff_kb(call.store, call.load); }; });

  auto& list = *kb.add_subcommand("list", "Name, size and version of each");
  list.add_flag("--json", call.as_json, "Print JSON");
  add_store(list, call.store);
  list.callback([&call] { call.action = [&call] { return list_kbs(call.store, call.as_json); }; });

  auto& show = *kb.add_subcommand("show", "Documents, layers and fit of one");
  show.add_option("NAME", call.kb)->required();
  show.add_flag("--json", call.as_json, "Print JSON");
  add_store(show, call.store);
  show.callback(
      [&call] { call.action = [&call] { return show_kb(call.store, call.kb, call.as_json); }; });

  auto& remove = *kb.add_subcommand("rm", "Remove one");
  remove.add_option("NAME", call.kb)->required();
  add_store(remove, call.store);
  remove.callback([&call] { call.action = [&call] { return remove_kb(call.store, call.kb); }; });

  auto& replay = *kb.add_subcommand("replay", "What a history of updates costs under each layout");
  replay.add_option("FOLDER", call.replay_folder, "The documents before the first update")
      ->required();
  replay
      .add_option(
          "UPDATES", call.replay_updates,
          "Lines of {\"date\": ..., \"put\": {path: text}, \"remove\": [path]}, or gzip of it")
      ->required();
  replay.add_flag("--json", call.as_json, "Print every update as JSON");
  replay.callback([&call] {
    call.action = [&call] {
      return replay_kb(call.replay_folder, call.replay_updates, call.as_json);
    };
  });
}

void add_prices_commands(CLI::App& app, Invocation& call) {
  auto& prices = *app.add_subcommand("prices", "Prices: check, import, show, reprice");
  prices.require_subcommand(1);

  auto& check = *prices.add_subcommand("check", "What is wrong, odd or old in the price table");
  check.add_option("--max-age-days", call.max_age_days, "Prices older than this are a warning")
      ->check(CLI::Range(0, 36'500))
      ->capture_default_str();
  check.add_flag("--json", call.as_json, "Print JSON");
  add_store(check, call.store);
  check.callback([&call] {
    call.action = [&call] { return check_prices(call.store, call.max_age_days, call.as_json); };
  });

  auto& take = *prices.add_subcommand("import", "Take prices from LiteLLM's price file");
  take.add_option("FILE", call.prices.file, "model_prices_and_context_window.json, or gzip of it")
      ->required();
  take.add_option("--from", call.prices.from,
                  "The day from which they hold; else today, and always for models that had none")
      ->type_name("DAY");
  take.add_flag("--apply", call.prices.apply, "Take what is shown, without asking");
  take.add_flag("--json", call.prices.as_json, "Print JSON");
  add_store(take, call.store);
  take.callback(
      [&call] { call.action = [&call] { return import_prices(call.store, call.prices); }; });

  auto& show = *prices.add_subcommand("show", "What a model costs, and since when");
  show.add_option("MODEL", call.model, "As requests name it")->required();
  show.add_option("--at", call.at, "On that day; else now")->type_name("DAY");
  show.add_flag("--json", call.as_json, "Print JSON");
  add_store(show, call.store);
  show.callback([&call] {
    call.action = [&call] { return show_price(call.store, call.model, call.at, call.as_json); };
  });

  auto& rows = *prices.add_subcommand("reprice", "Price the requests that had no price");
  rows.add_flag("--json", call.as_json, "Print JSON");
  add_store(rows, call.store);
  rows.callback([&call] { call.action = [&call] { return reprice(call.store, call.as_json); }; });
}

void add_ledger_commands(CLI::App& app, Invocation& call) {
  auto& ledger = *app.add_subcommand("ledger", "Every request with its bill: export, reconcile");
  ledger.require_subcommand(1);

  auto& write = *ledger.add_subcommand("export", "Every row, oldest first, to standard output");
  auto& question = call.ledger_export;
  write.add_option("--format", question.format, "csv or jsonl")
      ->check(CLI::IsMember({"csv", "jsonl"}))
      ->capture_default_str();
  add_period(write, question.period);
  write.add_option("--label", question.label, "Only with this label; (none): without one");
  add_store(write, call.store);
  write.callback(
      [&call] { call.action = [&call] { return export_ledger(call.store, call.ledger_export); }; });

  auto& reconcile =
      *ledger.add_subcommand("reconcile", "The ledger beside a provider's usage or cost report");
  reconcile
      .add_option("FILE", call.reconcile.file,
                  "JSON of Anthropic's or OpenAI's usage or cost API, or a CSV export of theirs")
      ->required();
  reconcile
      .add_option("--tolerance", call.reconcile.tolerance,
                  "How many per cent of the provider's side they may be apart")
      ->type_name("PERCENT")
      ->capture_default_str();
  reconcile
      .add_option("--owner", call.reconcile.owner,
                  "Only this API key, workspace or project of the report")
      ->type_name("ID");
  reconcile
      .add_option("--upstream", call.reconcile.upstream,
                  "Only this upstream's requests of the ledger")
      ->type_name("NAME");
  reconcile.add_flag("--json", call.reconcile.as_json, "Print JSON");
  add_store(reconcile, call.store);
  reconcile.callback(
      [&call] { call.action = [&call] { return reconcile_ledger(call.store, call.reconcile); }; });
}

void add_distill_commands(CLI::App& app, Invocation& call) {
  auto& distill = *app.add_subcommand(
      "distill", "Prompts and answers kept for training: export, status, delete");
  distill.require_subcommand(1);

  auto& write = *distill.add_subcommand("export", "Each as a line of JSON, to standard output");
  auto& question = call.distill_export;
  write.add_option("--format", question.format, "openai, sharegpt or bedrock")
      ->check(CLI::IsMember({"openai", "sharegpt", "bedrock"}))
      ->capture_default_str();
  add_period(write, question.period);
  write.add_option("--label", question.label, "Only with this label");
  add_store(write, call.store);
  write.callback([&call] {
    call.action = [&call] { return export_examples(call.store, call.distill_export); };
  });

  auto& status = *distill.add_subcommand("status", "What is captured, and how much is stored");
  status.add_flag("--json", call.as_json, "Print JSON");
  add_store(status, call.store);
  status.callback(
      [&call] { call.action = [&call] { return show_captures(call.store, call.as_json); }; });

  auto& remove = *distill.add_subcommand("delete", "Delete what is stored, or some of it");
  add_period(remove, call.distill_delete.period);
  remove.add_option("--label", call.distill_delete.label, "Only with this label");
  remove.add_flag("--all", call.distill_delete.all, "All of it");
  add_store(remove, call.store);
  remove.callback([&call] {
    call.action = [&call] { return delete_captures(call.store, call.distill_delete); };
  });
}

void add_explain_command(CLI::App& app, Invocation& call) {
  auto& explain = *app.add_subcommand(
      "explain", "One request: what was planned, why it was cached or not, its bill line by line");
  explain.add_option("ID", call.explain.id, "As in X-Foreword-Request");
  explain.add_flag("--last", call.explain.last, "The last request");
  explain.add_flag("--json", call.explain.as_json, "Print JSON");
  add_store(explain, call.store);
  explain.callback(
      [&call] { call.action = [&call] { return explain_request(call.store, call.explain); }; });
}

void add_replay_command(CLI::App& app, Invocation& call) {
  auto& replay = *app.add_subcommand(
      "replay", "What a trace of requests costs under each caching policy, offline");
  replay.add_option("TRACE", call.replay.traces,
                    "Lines of {\"timestamp\": ms, \"input_length\": ..., \"output_length\": ..., "
                    "\"hash_ids\": [...]}, or gzip of it");
  auto& ledger = *replay.add_flag("--ledger", call.replay.ledger, "The ledger's own requests");
  auto& period = call.replay.period;
  replay.add_option("--since", period.since, "Only this long back: 30m, 24h, 7d")->needs(&ledger);
  replay.add_option("--from", period.from, "From this day or time on, UTC")
      ->type_name("TIME")
      ->needs(&ledger);
  replay.add_option("--to", period.to, "Before this day or time, UTC; else now")
      ->type_name("TIME")
      ->needs(&ledger);
  replay.add_option("--label", call.replay.label, "Only with this label; (none): without one")
      ->needs(&ledger);
  add_store(replay, call.store);
  replay.add_option("--model", call.replay.model, "Whose prices and cache rules")
      ->type_name("MODEL")
      ->required();
  replay.add_option("--policy", call.replay.policy, "Only this one")->type_name("NAME");
  replay
      .add_option("--keep-warm-usd-per-day", call.replay.keep_warm_usd_per_day,
                  "What pings may cost a day, like 0.50; else no cap")
      ->type_name("USD");
  replay
      .add_option("--plan-out", call.replay.plan_out,
                  "Write what the policy sends, a line of JSON each: of foreword, or of --policy")
      ->type_name("FILE");
  replay.add_flag("--json", call.replay.as_json, "Print JSON");
  replay.callback(
      [&call] { call.action = [&call] { return replay_trace(call.store, call.replay); }; });
}

void add_bench_command(CLI::App& app, Invocation& call) {
  auto& bench = *app.add_subcommand(
      "bench", "Foreword beside nginx and haproxy on this machine, and its budgets");
  bench.add_flag("--quick", call.bench.quick, "About a minute instead of five");
  bench.add_option("--repeats", call.bench.repeats, "Bursts for each figure")
      ->check(CLI::Range(1, 1000));
  bench
      .add_option("--only", call.bench.only, "Only these candidates, e.g. foreword nginx-streaming")
      ->type_name("NAME");
  bench
      .add_option("--part", call.bench.parts,
                  "Only these parts: cpu, latency, memory, streams, ledger")
      ->type_name("NAME");
  bench.add_option("--size", call.bench.sizes, "Only these sizes of body, e.g. '1 KB' '1 MB'")
      ->type_name("SIZE")
      ->check(CLI::IsMember({"1 KB", "100 KB", "800 KB", "1 MB", "4 MB"}));
  bench
      .add_option("--against", call.bench.against, "Another build of foreword to measure beside it")
      ->type_name("PROGRAM")
      ->check(CLI::ExistingFile);
  bench.add_option("--connections", call.bench.connections,
                   "Look at that many idle connections too, e.g. 10000");
  bench.add_option("--scale", call.bench.scale, "Multiply every number of requests")
      ->capture_default_str();
  bench.add_option("--json", call.bench.json, "Write every sample to this file")->type_name("FILE");
  bench.callback([&call] { call.action = [&call] { return run_bench(call.bench); }; });
}

void add_commands(CLI::App& app, Invocation& call) {
  auto& serve_command = *app.add_subcommand("serve", "Run the proxy");
  add_settings(serve_command, call.settings);
  serve_command.add_flag("--virtual-time", call.serves_virtual_time,
                         "For tests: the clock moves only by POST /api/clock");
  serve_command.callback([&call] {
    call.action = [&call] { return serve(call.settings, call.serves_virtual_time); };
  });

  auto& config = *app.add_subcommand("config", "Settings");
  config.require_subcommand(1);
  auto& print = *config.add_subcommand("print", "Every setting, its value and where it comes from");
  add_settings(print, call.settings);
  print.callback([&call] { call.action = [&call] { return print_config(call.settings); }; });

  add_kb_commands(app, call);
  add_prices_commands(app, call);
  add_ledger_commands(app, call);
  add_distill_commands(app, call);
  add_explain_command(app, call);

  auto& savings = *app.add_subcommand("savings", "What was paid, and what would have been");
  savings.add_option("--by", call.savings.by, "Group by model, kb, label, upstream or day")
      ->check(CLI::IsMember({"model", "kb", "label", "upstream", "day"}));
  savings.add_option("--since", call.savings.since, "Only this long back: 30m, 24h, 7d");
  auto* as_json = savings.add_flag("--json", call.savings.as_json, "Print JSON");
  savings.add_flag("--csv", call.savings.as_csv, "Print CSV: a line for each group")
      ->excludes(as_json);
  add_store(savings, call.store);
  savings.callback(
      [&call] { call.action = [&call] { return show_savings(call.store, call.savings); }; });

  auto& advise = *app.add_subcommand("advise", "Fine-tune or not, from the ledger");
  advise.add_option("--since", call.advice.since, "Only this long back: 24h, 7d, 30d");
  advise.add_flag("--claims", call.advice.claims,
                  "What is often said of caching and fine-tunes, computed; needs no store");
  advise.add_flag("--json", call.advice.as_json, "Print JSON");
  add_store(advise, call.store);
  advise.callback(
      [&call] { call.action = [&call] { return show_advice(call.store, call.advice); }; });

  auto& simulator = *app.add_subcommand("simulate", "Answer as the three providers do, for trials");
  simulator.add_option("--listen", call.simulate.listen, "host:port; port 0 takes a free one")
      ->capture_default_str();
  simulator.add_flag("--virtual-time", call.simulate.virtual_time,
                     "The clock moves only by POST /simulator/clock");
  simulator
      .add_flag("--first-byte-times", call.simulate.first_byte_times,
                "On that clock, an answer begins 0.4 s after its request, and later by what is not "
                "read from a cache at 12,000 tokens a second")
      ->needs("--virtual-time");
  simulator.add_option("--seed", call.simulate.seed, "Of ids and answers")->capture_default_str();
  simulator
      .add_option("--log-entries", call.simulate.log_entries,
                  "How many requests GET /simulator/requests remembers")
      ->capture_default_str();
  simulator.add_option("--faults", call.simulate.faults,
                       "Faults of every request, e.g. status=529 or cut-after-events=3");
  simulator.callback([&call] { call.action = [&call] { return simulate(call.simulate); }; });

  add_replay_command(app, call);
  add_bench_command(app, call);
}

}  // namespace

int run(int argc, const char* const* argv) {
  CLI::App app(
      "Puts your documents in front of every prompt as a cacheable prefix, and keeps the bill.",
      "foreword");
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string("foreword ") + FOREWORD_VERSION);
  Invocation call;
  add_commands(app, call);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kDone : kUsage;
  }
  try {
    return call.action();
  } catch (const std::exception& error) {
    return fail(error.what());
  }
}

}  // namespace foreword::tools
