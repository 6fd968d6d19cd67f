"""What stands in the student's process for the functions and iterators of a test, see `sandbox.lending`."""

from collections.abc import Callable, Iterator

Ask = Callable[[int, str, tuple, dict], object]


def function(ask: Ask, number: int, name: str) -> Callable:
    """A function that asks the judge to call the test's."""

    def borrowed(*args, **kwargs):
        return ask(number, "call", args, kwargs)

    borrowed.__name__ = borrowed.__qualname__ = name
    return borrowed


def iterator(ask: Ask, number: int) -> Iterator:
    """An iterator that asks the judge for the next item of the test's."""
    while item := ask(number, "next", (), {}):
        yield item[0]
