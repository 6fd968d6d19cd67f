"""Small things of the standard library that are data: dates, exact numbers, counters, paths, as plain values.

`write` says a thing in terms of the values' format, `read` makes it of them again. Loaded by `sandbox.values` when one
of them crosses, on both sides.
"""

import collections
import datetime
import decimal
import fractions
import pathlib
import re
import zoneinfo
from typing import Any

MAX_EXPONENT = 10_000  # of a Decimal: as a whole number 1E+999999999 would fill the memory
MAX_BITS = 2**16  # of a Fraction's numbers, which are reduced when it is made
_DECIMAL = re.compile(r"-?(\d{1,10000}(\.\d{1,10000})?(E[+-]?\d{1,5})?|Infinity|s?NaN\d{0,100})", re.ASCII)
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+\-/]{0,99}")


def write(value: Any) -> tuple | None:
    """``(kind, parts...)``; None for what is not one of these or too large."""
    for base, written in _WRITE.items():
        if isinstance(value, base):
            return written(value)
    return None


def read(kind: str, *parts: Any) -> Any:
    """The value of some parts. They are a stranger's: raises ValueError, TypeError or KeyError if they make none."""
    return _READ[kind](*parts)


def _write_datetime(value: datetime.datetime) -> tuple | None:
    zone = _zone_name(value.tzinfo)
    fields = (value.year, value.month, value.day, value.hour, value.minute, value.second, value.microsecond)
    return None if zone is None else ("datetime", *fields, zone, value.fold)


def _write_time(value: datetime.time) -> tuple | None:
    zone = _zone_name(value.tzinfo)
    fields = (value.hour, value.minute, value.second, value.microsecond)
    return None if zone is None else ("time", *fields, zone, value.fold)


def _write_zone(value: datetime.tzinfo) -> tuple | None:
    zone = _zone_name(value)
    return None if zone is None else ("zone", zone)


def _write_fraction(value: fractions.Fraction) -> tuple | None:
    small = max(value.numerator.bit_length(), value.denominator.bit_length()) <= MAX_BITS
    return ("fraction", value.numerator, value.denominator) if small else None


def _write_decimal(value: decimal.Decimal) -> tuple | None:
    text = str(value)
    return ("decimal", text) if _is_small(text) else None


def _zone_name(zone: datetime.tzinfo | None) -> str | int | None:
    """A name, seconds east of Greenwich, or nothing (the empty text); None for a zone of another kind."""
    if zone is None:
        return ""
    if type(zone) is datetime.timezone:
        return round(zone.utcoffset(None).total_seconds())
    return zone.key if type(zone) is zoneinfo.ZoneInfo else None


def zone(name: str | int) -> datetime.tzinfo | None:
    """The zone of a name, seconds, or nothing."""
    if type(name) is int:
        return datetime.timezone(datetime.timedelta(seconds=name))
    if name and not _ZONE.fullmatch(name):
        raise ValueError("a time zone with an odd name")
    return zoneinfo.ZoneInfo(name) if name else None


def _is_small(text: str) -> bool:
    exponent = text.partition("E")[2]
    return bool(_DECIMAL.fullmatch(text)) and abs(int(exponent or 0)) <= MAX_EXPONENT


def _read_datetime(*parts: Any) -> datetime.datetime:
    *fields, name, fold = parts
    return datetime.datetime(*fields, tzinfo=zone(name), fold=fold)


def _read_time(*parts: Any) -> datetime.time:
    *fields, name, fold = parts
    return datetime.time(*fields, tzinfo=zone(name), fold=fold)


def _read_decimal(text: str) -> decimal.Decimal:
    if not _is_small(text):
        raise ValueError("a decimal number that is too long")
    return decimal.Decimal(text)


def _read_fraction(above: int, below: int) -> fractions.Fraction:
    if max(_typed(number, int).bit_length() for number in (above, below)) > MAX_BITS:
        raise ValueError("a fraction of numbers that are too long")
    return fractions.Fraction(above, below)


def _typed(part: Any, kind: type) -> Any:
    if type(part) is not kind:  # a range in the place of a list would grow when it is made one
        raise TypeError(f"expected a {kind.__name__}")
    return part


# Subclasses before their bases: a datetime is a date.
_WRITE = {
    datetime.datetime: _write_datetime,
    datetime.date: lambda value: ("date", value.year, value.month, value.day),
    datetime.time: _write_time,
    datetime.timedelta: lambda value: ("timedelta", value.days, value.seconds, value.microseconds),
    datetime.tzinfo: _write_zone,
    decimal.Decimal: _write_decimal,
    fractions.Fraction: _write_fraction,
    collections.Counter: lambda value: ("counter", dict(value)),
    collections.OrderedDict: lambda value: ("ordered", dict(value)),
    collections.deque: lambda value: ("deque", list(value), value.maxlen),
    pathlib.PurePath: lambda value: ("path", str(value)),
}
_READ = {
    "datetime": _read_datetime,
    "date": datetime.date,
    "time": _read_time,
    "timedelta": datetime.timedelta,
    "zone": zone,
    "decimal": _read_decimal,
    "fraction": _read_fraction,
    "counter": lambda items: collections.Counter(_typed(items, dict)),
    "ordered": lambda items: collections.OrderedDict(_typed(items, dict)),
    "deque": lambda items, most: collections.deque(_typed(items, list), most),
    "path": lambda text: pathlib.Path(_typed(text, str)),
}
