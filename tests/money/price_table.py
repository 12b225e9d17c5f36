"""What a request costs, from config/models.json, in picodollars: a second reading of the table.

Shares nothing with the program but that file, whose "sources" say how a bill is made. Whole numbers
and fractions only.
"""

import json
import math
import re
from datetime import datetime, timezone
from decimal import Decimal
from fractions import Fraction

CLASSES = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "cache_write_30m",
           "cache_write_12h", "output")
PROMPT_CLASSES = CLASSES[:-1]

# A price is told per million tokens.
PICODOLLARS_A_TOKEN = 10**12 // 10**6


def picodollars(usd):
    """Of an amount in dollars as text; raises where a digit would get lost."""
    exact = Decimal(usd) * 10**12
    if exact != exact.to_integral_value():
        raise ValueError(f"{usd} USD is no whole number of picodollars")
    return int(exact)


def _rates(told):
    def rate(text):
        return int(Decimal(text) * PICODOLLARS_A_TOKEN)

    # What is not charged apart costs what plain input costs.
    return {name: rate(told.get(name, told["input"])) for name in CLASSES}


def _factor(told):
    """Percents, or a fraction like "5/3"."""
    return Fraction(told) if isinstance(told, str) else Fraction(told, 100)


def _factors(told):
    """By (field, value)."""
    return {(field, value): _factor(number)
            for field, values in (told or {}).items() for value, number in values.items()}


def _begin(period):
    day = period.get("from")
    if day is None:
        return datetime.min.replace(tzinfo=timezone.utc)
    return datetime.fromisoformat(day).replace(tzinfo=timezone.utc)


class PriceTable:
    def __init__(self, file):
        table = json.loads(file.read_text(encoding="utf-8"))
        self._models = {(m["provider"], m["name"]): m for m in table["models"]}
        self._factors = {name: _factors(told) for name, told in table["modifiers"].items()}

    def models(self, provider):
        return [m for (of, _), m in self._models.items() if of == provider]

    def find(self, provider, name):
        """As requests and answers name it: in full, or with a date behind it."""
        name = name.removeprefix("models/")
        undated = re.sub(r"-(\d{8}|\d{4}-\d{2}-\d{2}|latest)\Z", "", name)
        return self._models.get((provider, name)) or self._models.get((provider, undated))

    def bytes_per_token(self, provider, name):
        """For estimates; of a model that is not there, its provider's hungriest."""
        model = self.find(provider, name)
        if model:
            return model["bytes_per_token"]
        return min(m["bytes_per_token"] for m in self.models(provider))

    def bill(self, model, tokens, terms, at):
        """(what the provider bills, the same with every prompt token plain)."""
        period = [p for p in model["usd_per_mtok"] if _begin(p) <= at][-1]
        prompt = sum(tokens[name] for name in PROMPT_CLASSES)
        told = period["rates"]
        if "long_context" in period and prompt > period["long_context"]["above_prompt_tokens"]:
            told = period["long_context"]["rates"]
        rates = _rates(told)
        factor = self._factor(model, period, terms)
        paid = sum(tokens[name] * rates[name] for name in CLASSES)
        plain = prompt * rates["input"] + tokens["output"] * rates["output"]
        return tuple(math.floor(amount * factor + Fraction(1, 2)) for amount in (paid, plain))

    def _factor(self, model, period, terms):
        own = _factors(period.get("modifiers") or model.get("modifiers"))
        factor = Fraction(1)
        for term in terms.items():
            factor *= own.get(term, self._factors.get(model["provider"], {}).get(term, 1))
        return factor
