"""Sums of the ledger against an independent calculation from what the providers answered.

    main.py FOREWORD_BINARY

FOREWORD_MONEY_REQUESTS requests of all kinds (4,000), and FOREWORD_KILL_ROUNDS kills of the proxy
among them (3). FOREWORD_MONEY_SEED makes others. Prints what differs, and ends with 1.
"""

import json
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from decimal import Decimal
from pathlib import Path

import dictated_provider
import worker
from bill import GROUPS, Account, rollup_differences, sums_of_rows
from price_table import PriceTable, picodollars
from proxy_process import Proxy, start_simulator

PRICES = Path(__file__).resolve().parents[2] / "config" / "models.json"
WORKERS = 8
SHOWN = 5


def _asked(name, otherwise):
    return int(os.environ.get(name, otherwise))


class Checks:
    def __init__(self):
        self.passed = self.failed = 0

    def expect(self, what, differences):
        if not differences:
            self.passed += 1
            return
        self.failed += 1
        print(f"FAILED: {what}: {len(differences)} differences")
        for difference in differences[:SHOWN]:
            print(f"  {difference}")


def _prose(seed, words):
    chosen = random.Random(seed)
    return " ".join(f"{chosen.randrange(10**6):x}" for _ in range(words))


def _load_kbs(proxy):
    for name, words in (("handbook", 6_000), ("policies", 2_000)):
        document = {"path": f"{name}.md", "text": _prose(name, words)}
        proxy.admin("PUT", f"/api/kbs/{name}", {"documents": [document]})


def _records(workers):
    return [json.loads(line) for _, file in workers
            for line in file.read_text(encoding="utf-8").splitlines()]


class Progress:
    """How many answers the clients have written down so far."""

    def __init__(self, workers):
        self._read = {file: 0 for _, file in workers}
        self._answers = 0

    def answers(self):
        for file, at in self._read.items():
            if file.exists() and file.stat().st_size > at:
                with open(file, "rb") as lines:
                    lines.seek(at)
                    new = lines.read()
                self._answers += new.count(b"\n")
                self._read[file] += len(new)
        return self._answers


def _end_of(process, ended):
    """Its status once it has one."""
    if process not in ended:
        found, status = os.waitpid(process, os.WNOHANG)
        if found == process:
            ended[process] = status
    return ended.get(process)


def _savings(proxy):
    return {by: proxy.stored_savings(by) for by in GROUPS}


def _kill_and_compare(proxy, checks, number):
    """What a kill left is consistent, before anybody starts on it. When it was."""
    at = time.monotonic()
    proxy.kill()
    rows = proxy.stored_rows()
    checks.expect(f"after kill {number} the roll-ups are the sums of the rows",
                  rollup_differences(sums_of_rows(rows), _savings(proxy)))
    proxy.start()
    return at


def _run(proxy, checks, workers, requests, rounds):
    """Until all are answered, with kills spread over them. The times of these."""
    kills, ended, progress = [], {}, Progress(workers)
    chosen = random.Random(requests)
    # By how much has been answered, so that a slow machine is killed as often as a fast one.
    shares = sorted(chosen.uniform(0.05, 0.95) for _ in range(rounds))
    while any([_end_of(process, ended) is None for process, _ in workers]):
        if len(kills) < rounds and progress.answers() >= shares[len(kills)] * requests:
            time.sleep(chosen.uniform(0, 0.05))
            kills.append(_kill_and_compare(proxy, checks, len(kills) + 1))
        time.sleep(0.01)
    checks.expect("every client gets to its end",
                  [process for process, status in ended.items() if status != 0])
    return kills


def _blind_spots(prices, records, kills, rows, savings):
    """What the comparison would not have seen: a picodollar in one row, a row that is not there."""
    dearest = max(rows, key=lambda row: picodollars(row["cost_usd"]))
    wrong = dearest | {"cost_usd": str(Decimal(dearest["cost_usd"]) + Decimal("1e-12"))}
    account = Account(prices, records, kills)
    account.add(wrong)
    blind = [] if account.differences else ["a picodollar more in a row"]
    without = Account(prices, records, kills)
    for row in rows[1:]:
        without.add(row)
    if not rollup_differences(without.groups, savings):
        blind.append("a row that the roll-ups count and nobody has")
    return blind


def _tell(account, rows, kills, late, seconds):
    paid = sum(sums["actual_usd"] for sums in account.groups["kb"].values())
    whole, part = divmod(paid, 10**12)
    sources = Counter(row["usage_source"] for row in rows)
    print(f"{len(rows)} rows ({', '.join(f'{n} {name}' for name, n in sources.most_common())}), "
          f"${whole}.{part:012d} in all, {len(kills)} kills, {seconds:.0f} s: "
          f"{account.by_answers} rows computed from raw answers, {account.of_killed} of requests "
          f"that a kill cut by their own tokens; {len(late)} answers have no row, the first of "
          f"them had ended {max(0, account.earliest_lost(late)) * 1000:.1f} ms before a kill")


def main(binary, folder):
    began = time.monotonic()
    requests = _asked("FOREWORD_MONEY_REQUESTS", 4_000)
    rounds = _asked("FOREWORD_KILL_ROUNDS", 3)
    seed = _asked("FOREWORD_MONEY_SEED", 1)
    prices = PriceTable(PRICES)
    checks = Checks()
    provider, _ = dictated_provider.start()
    simulator = start_simulator(binary, folder)
    try:
        proxy = Proxy(binary, folder, simulator.urls[0], provider)
        try:
            _load_kbs(proxy)
            workers = worker.start(WORKERS, folder, proxy.port, requests, seed, prices)
            kills = _run(proxy, checks, workers, requests, rounds)
        finally:
            proxy.stop()
        rows = proxy.stored_rows()
        records = _records(workers)
        account = Account(prices, records, kills)
        for row in rows:
            account.add(row)
        savings = _savings(proxy)
        checks.expect("each row is what its raw answer comes to", account.differences)
        checks.expect("the roll-ups are what all raw answers come to",
                      rollup_differences(account.groups, savings))
        checks.expect("the comparison sees what is wrong",
                      _blind_spots(prices, records, kills, rows, savings))
        missing, late = account.without_row(rows)
        checks.expect("no row is lost that had the time to be written", missing)
        checks.expect("nearly all rows are computed from raw answers",
                      [account.of_killed] * (account.of_killed > WORKERS * (rounds + 1)))
        _tell(account, rows, kills, late, time.monotonic() - began)
    finally:
        simulator.stop()
    total = checks.passed + checks.failed
    print(f"{total} checks: {checks.passed} passed, {checks.failed} failed")
    return 1 if checks.failed else 0


if __name__ == "__main__":
    scratch = Path(tempfile.mkdtemp(prefix="foreword-money-"))
    try:
        sys.exit(main(sys.argv[1], scratch))
    finally:
        shutil.rmtree(scratch)
