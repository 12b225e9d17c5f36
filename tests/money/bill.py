"""What each request should have cost, and whether rows and roll-ups say so."""

import math
from collections import defaultdict
from datetime import datetime

from price_table import CLASSES, picodollars
from raw_usage import classes_of

# A killed proxy may lose a row that it had not yet written: documented as 8 ms and the time of one
# group write or sync. For a sync, a disk that builds are written to may take as long as this.
WRITTEN_WITHIN_SECONDS = 2

GROUPS = {"model": "(unknown)", "kb": "(none)", "label": "(none)", "upstream": "(unknown)"}
MONEY = ("actual_usd", "uncached_usd", "client_only_usd")


def _nearest(number):
    return math.floor(number + 0.5)


def _estimate(prices, record, row):
    """Of an answer without usage: the program's own rule, by bytes. Not money's arithmetic."""
    ratio = prices.bytes_per_token(row["provider"], record["model"])
    tokens = dict.fromkeys(CLASSES, 0)
    tokens["input"] = _nearest(record["request_bytes"] / ratio) + row["kb_tokens_estimate"]
    tokens["output"] = _nearest(record["text"] / ratio)
    return tokens


def expected_tokens(prices, record, row):
    """By the raw answer."""
    if not 200 <= record["status"] < 300:
        return dict.fromkeys(CLASSES, 0)
    if not record["counts"]:
        return _estimate(prices, record, row)
    tokens = classes_of(record["operation"], record["counts"])
    if not record["final"]:
        ratio = prices.bytes_per_token(row["provider"], record["model"])
        tokens["output"] = max(tokens["output"], _nearest(record["text"] / ratio))
    return tokens


def priced_model(prices, provider, record):
    """(the name in the row, the table's entry or nothing): of the model that answered, where it is
    known or the one that was asked for is not either."""
    asked, answered = record["model"], record["answered_by"]
    if answered and (prices.find(provider, answered) or not prices.find(provider, asked)):
        return answered, prices.find(provider, answered)
    return asked, prices.find(provider, asked)


def _bill(prices, row, model, tokens, terms):
    if model is None:
        return 0, 0
    return prices.bill(model, tokens, terms, datetime.fromisoformat(row["time"]))


def _was_cut_by(record, kills):
    return any(record["began"] <= at <= record["ended"] for at in kills)


def _money_of(row):
    return picodollars(row["cost_usd"]), picodollars(row["uncached_usd"])


class Account:
    """Adds up what should be, and collects what is not."""

    def __init__(self, prices, records, kills):
        self._prices, self._kills = prices, kills
        self._records = {record["id"]: record for record in records if record["id"]}
        self.differences = []
        self.by_answers = 0  # rows that were computed from the raw answer
        self.of_killed = 0  # of requests that a kill cut: only what is sure was compared
        self.groups = {by: defaultdict(lambda: defaultdict(int)) for by in GROUPS}

    def add(self, row):
        record = self._records.get(row["id"])
        # What the client never got an answer to, a kill has cut before it began.
        whole = record is not None and row["outcome"] != "provisional" and (
            record["made"] or record["final"] or not _was_cut_by(record, self._kills))
        if whole:
            self.by_answers += 1
            tokens = expected_tokens(self._prices, record, row)
            name, model = priced_model(self._prices, row["provider"], record)
            terms = record["terms"]
            went_in = (row["placement"] or "").startswith("inserted")
            named = {"model": name, "label": record["label"], "upstream": record["upstream"],
                     "kb": record["kb"] if went_in else row["kb"]}
        else:
            self.of_killed += 1
            tokens, model = row["tokens"], self._prices.find(row["provider"], row["model"] or "")
            terms = {name: row[name] for name in ("service_tier", "speed", "inference_geo")}
            named = {by: row[by] for by in GROUPS}
        paid, plain = _bill(self._prices, row, model, tokens, terms)
        self._compare(row, tokens, (paid, plain), model is not None)
        self._sum(row, named, tokens, paid, plain)

    def _compare(self, row, tokens, money, priced):
        if row["tokens"] != tokens:
            self._differ(row, "tokens", row["tokens"], tokens)
        if _money_of(row) != money:
            self._differ(row, "money", _money_of(row), money)
        if row["priced"] != priced:
            self._differ(row, "priced", row["priced"], priced)

    def _differ(self, row, what, got, expected):
        self.differences.append(f"{row['id']} {what}: the row says {got}, expected {expected}\n"
                                f"    {row}\n    {self._records.get(row['id'])}")

    def _sum(self, row, named, tokens, paid, plain):
        for by, nothing in GROUPS.items():
            group = self.groups[by][named[by] or nothing]
            group["requests"] += 1
            group["actual_usd"] += paid
            group["uncached_usd"] += plain
            # No answer tells it: rows against roll-ups only.
            group["client_only_usd"] += picodollars(row["client_only_usd"])
            group["unpriced"] += not row["priced"]
            group["failed"] += row["outcome"] == "failed"
            group["estimated"] += row["outcome"] == "provisional" or (
                row["usage_source"] in ("partial", "estimated"))
            for name in CLASSES:
                group[name] += tokens[name]

    def without_row(self, rows):
        """(requests that have to have one, requests of the last moment before a kill)."""
        there = {row["id"] for row in rows}
        gone = [record for name, record in self._records.items() if name not in there]
        late = [record for record in gone if self._was_late(record)]
        return [record for record in gone if record not in late], late

    def earliest_lost(self, late):
        """How long before the next kill the first of them had ended, in seconds."""
        return max((min(at for at in self._kills if at >= record["began"]) - record["ended"]
                    for record in late), default=0)

    def _was_late(self, record):
        return any(record["began"] <= at <= record["ended"] + WRITTEN_WITHIN_SECONDS
                   for at in self._kills)


def _plain_sums(told):
    """A group of /api/savings as this file has them."""
    sums = {name: told[name] for name in ("requests", "unpriced", "failed", "estimated")}
    sums |= {name: picodollars(told[name]) for name in MONEY}
    return sums | told["tokens"]


def rollup_differences(groups, savings):
    """`savings`: by the name of the grouping."""
    differences = []
    for by, expected in groups.items():
        told = {name: _plain_sums(sums) for name, sums in savings[by]["groups"].items()}
        if told != {name: dict(sums) for name, sums in expected.items()}:
            for name in sorted(told.keys() | expected.keys()):
                if told.get(name) != dict(expected.get(name, {})):
                    differences.append(f"{by} {name}: roll-ups say {told.get(name)}, expected "
                                       f"{dict(expected.get(name, {}))}")
        total = defaultdict(int)
        for sums in expected.values():
            for key, value in sums.items():
                total[key] += value
        if expected and _plain_sums(savings[by]["total"]) != dict(total):
            differences.append(f"total by {by}: roll-ups say {savings[by]['total']}, expected "
                               f"{dict(total)}")
    return differences


def sums_of_rows(rows):
    """What roll-ups have to say of these rows, whatever they should have been."""
    groups = {by: defaultdict(lambda: defaultdict(int)) for by in GROUPS}
    account = Account(None, [], [])
    account.groups = groups
    for row in rows:
        paid, plain = _money_of(row)
        account._sum(row, {by: row[by] for by in GROUPS}, row["tokens"], paid, plain)
    return groups
