// The subcommands behind command_line.h: each prints, and returns the exit code.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "config/load.h"
#include "tools/bench/plan.h"
#include "tools/command_line.h"
#include "tools/kb_load.h"
#include "tools/period.h"

namespace foreword::tools {

/// Loads settings as every command does; prints what is wrong with them, one line each.
[[nodiscard]] std::optional<config::LoadedSettings> load_settings_or_explain(
    const SettingsSource& source);

/// One line to standard error, `foreword: ` in front; returns kFailed.
int fail(const std::string& message);

/// `virtual_time`: the clock moves only by POST /api/clock.
int serve(const SettingsSource& source, bool virtual_time);
int print_config(const SettingsSource& source);

int load_kb(const StoreSource& store, const LoadQuestion& question);
/// What load_kb() would change, write and cost. Nothing is stored.
int diff_kb(const StoreSource& store, const LoadQuestion& question);
int list_kbs(const StoreSource& store, bool as_json);
int show_kb(const StoreSource& store, const std::string& name, bool as_json);
int remove_kb(const StoreSource& store, const std::string& name);
int show_kb_history(const StoreSource& store, const std::string& name, bool as_json);
struct RollBackQuestion {
  std::string version;  // the beginning of an id; empty: the one before the current one
  std::vector<std::string> prewarm;  // models
  bool as_json = false;
};
int roll_back_kb(const StoreSource& store, const std::string& name, const RollBackQuestion& to);
/// Into a folder that is empty or not there yet.
int export_kb(const StoreSource& store, const std::string& name,
              const std::filesystem::path& folder, bool as_json);
/// Needs no store: what the updates of such a folder would cost under each layout.
int replay_kb(const std::filesystem::path& folder, const std::filesystem::path& updates_file,
              bool print_json);

struct SavingsQuestion {
  std::string by;     // empty, or model, kb, label, upstream, day
  std::string since;  // empty, or a number and m, h or d
  bool as_json = false;
  bool as_csv = false;  // a line for each group, none for the total
};
int show_savings(const StoreSource& store, const SavingsQuestion& question);

struct ExportQuestion {
  std::string format = "csv";  // or jsonl
  PeriodQuestion period;
  std::string label;  // exactly, or "(none)"; empty: all
};
/// Every row of the ledger to standard output, one page in memory at a time.
int export_ledger(const StoreSource& store, const ExportQuestion& question);

struct DistillExportQuestion {
  std::string format = "openai";
  PeriodQuestion period;
  std::string label;  // exactly; empty: all
};
/// What was captured for training as lines of JSON to standard output, and to standard error how
/// many there are and what was left out.
int export_examples(const StoreSource& store, const DistillExportQuestion& question);
int show_captures(const StoreSource& store, bool as_json);
struct DistillDeleteQuestion {
  PeriodQuestion period;
  std::string label;  // exactly; empty: all
  bool all = false;   // needed where neither period nor label is given
};
int delete_captures(const StoreSource& store, const DistillDeleteQuestion& question);

struct ReconcileQuestion {
  std::string file;             // a provider's report (tools/reconcile/report_records.h)
  std::string tolerance = "0";  // how far the sides may be apart, in per cent of the provider's
  std::string owner;            // only this key, workspace or project of the report; empty: all
  std::string upstream;         // only this one's requests of the ledger; empty: the provider's
  bool as_json = false;
};
/// The ledger beside the report; kFailed where they differ by more than the tolerance.
int reconcile_ledger(const StoreSource& store, const ReconcileQuestion& question);

struct ExplainQuestion {
  std::string id;     // of a request; empty: the last one
  bool last = false;  // one of both
  bool as_json = false;
};
/// One request's story: what was planned, why it was cached or not, its bill line by line.
int explain_request(const StoreSource& store, const ExplainQuestion& question);

struct AdviceQuestion {
  std::string since;    // empty, or a number and m, h or d
  bool claims = false;  // what is often said, from the compiled price table; needs no store
  bool as_json = false;
};
int show_advice(const StoreSource& store, const AdviceQuestion& question);

struct ImportQuestion {
  std::string file;  // LiteLLM's, plain or gzip
  std::string from;  // a day; empty: today, and for models that had no price always
  bool apply = false;
  bool as_json = false;
};
/// Shows what the file would change; takes it when asked to or when somebody at a terminal agrees,
/// and then prices the rows that had no price.
int import_prices(const StoreSource& store, const ImportQuestion& question);
/// Rows that have no price get one, where there is one by now.
int reprice(const StoreSource& store, bool as_json);
/// Of the running proxy's table, else of the one that is compiled in. `at`: a day, or empty.
int show_price(const StoreSource& store, const std::string& model, const std::string& at,
               bool as_json);
/// kFailed if a bill by these prices would be wrong.
int check_prices(const StoreSource& store, int max_age_days, bool as_json);

struct SimulateQuestion {
  std::string listen = "127.0.0.1:0";
  bool virtual_time = false;
  bool first_byte_times = false;
  std::uint64_t seed = 0;
  std::size_t log_entries = 10'000;
  std::string faults;
};
int simulate(const SimulateQuestion& question);

struct ReplayQuestion {
  std::vector<std::filesystem::path> traces;
  bool ledger = false;  // instead of files
  PeriodQuestion period;
  std::string label;  // empty: all
  std::string model;
  std::string policy;                 // empty: all
  std::string keep_warm_usd_per_day;  // of pings; empty: no cap
  std::filesystem::path plan_out;     // empty: none
  bool as_json = false;
};
/// What each policy would have paid for such traces, or for the ledger's requests. Files need no
/// store.
int replay_trace(const StoreSource& store, const ReplayQuestion& question);

int run_bench(const bench::BenchOptions& options);

}  // namespace foreword::tools
