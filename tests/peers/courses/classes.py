"""Answers that are more than data: classes with operators, generators, functions of functions, exceptions by class."""

from peers.courses import BLANK, SOLVED, Course, check, given, notebook, prose, right, solution

OBJECTS = notebook(
    prose("# Objects\n\nFractions of money, endless sequences, functions that make functions."),
    given("setup", "from itertools import islice"),
    solution(
        "money",
        '''
        class Overdrawn(Exception):
            """There is not enough."""

        class Money:
            """An amount in cents: adds, compares, prints as euros; what is subtracted has to be there."""
            ### BEGIN SOLUTION
            def __init__(self, cents):
                self.cents = cents

            def __add__(self, other):
                return Money(self.cents + other.cents)

            def __sub__(self, other):
                if other.cents > self.cents:
                    raise Overdrawn(f"{self} is less than {other}")
                return Money(self.cents - other.cents)

            def __eq__(self, other):
                return isinstance(other, Money) and self.cents == other.cents

            def __lt__(self, other):
                return self.cents < other.cents

            def __hash__(self):
                return hash(self.cents)

            def __repr__(self):
                return f"{self.cents // 100}.{self.cents % 100:02} EUR"
            ### END SOLUTION
        ''',
    ),
    check(
        "money-operators",
        """
        assert Money(150) + Money(75) == Money(225)
        assert Money(1) < Money(2)
        assert not Money(1) == 1
        ### BEGIN HIDDEN TESTS
        assert sorted([Money(3), Money(1)])[0] == Money(1)
        assert sum([Money(5), Money(6)], Money(0)) == Money(11)
        assert len({Money(1), Money(1), Money(2)}) == 2
        ### END HIDDEN TESTS
        """,
        2,
    ),
    check("money-printed", 'assert repr(Money(1205)) == "12.05 EUR"\nassert f"{[Money(5)]}" == "[0.05 EUR]"'),
    check(
        "money-overdrawn",
        """
        assert issubclass(Overdrawn, Exception)
        try:
            Money(1) - Money(2)
        except Overdrawn as error:
            assert "0.01" in str(error)
        else:
            raise AssertionError("nobody said that it is overdrawn")
        assert isinstance(Money(3) - Money(1), Money)
        """,
    ),
    solution(
        "collatz",
        '''
        def collatz(n):
            """The numbers from n on, one after the other, until 1."""
            ### BEGIN SOLUTION
            yield n
            while n > 1:
                n = n // 2 if n % 2 == 0 else 3 * n + 1
                yield n
            ### END SOLUTION

        def primes():
            """All prime numbers: without an end."""
            ### BEGIN SOLUTION
            found, n = [], 2
            while True:
                if all(n % p for p in found):
                    found.append(n)
                    yield n
                n += 1
            ### END SOLUTION
        ''',
    ),
    check(
        "generators",
        """
        import types

        assert list(collatz(6)) == [6, 3, 10, 5, 16, 8, 4, 2, 1]
        ### BEGIN HIDDEN TESTS
        assert isinstance(primes(), types.GeneratorType)
        endless = primes()
        assert list(islice(endless, 4)) == [2, 3, 5, 7]
        assert next(endless) == 11
        ### END HIDDEN TESTS
        """,
        2,
    ),
    solution(
        "compose",
        '''
        def compose(*functions):
            """The function that applies the last of them first."""
            ### BEGIN SOLUTION
            def composed(x):
                for function in reversed(functions):
                    x = function(x)
                return x
            return composed
            ### END SOLUTION

        def counter():
            """Two functions: one counts up, the other tells the count."""
            ### BEGIN SOLUTION
            count = 0
            def up():
                nonlocal count
                count += 1
            return up, lambda: count
            ### END SOLUTION
        ''',
    ),
    check(
        "compose-check",
        """
        assert compose(str, abs)(-3) == "3"
        assert compose()(7) == 7
        ### BEGIN HIDDEN TESTS
        assert compose(lambda m: m + Money(1), Money)(4) == Money(5)
        up, count = counter()
        up(), up()
        assert count() == 2 and counter()[1]() == 0
        ### END HIDDEN TESTS
        """,
        2,
    ),
)

COURSES = {
    "classes": Course(
        {"objects": OBJECTS},
        {
            "solved": (8, SOLVED),
            "half": (
                4,
                right("compose")
                | {
                    "money": """class Overdrawn(ValueError):
    pass

class Money:
    def __init__(self, cents):
        self.cents = cents
    def __sub__(self, other):
        if other.cents > self.cents:
            raise Overdrawn("%.2f" % (self.cents / 100))
        return Money(self.cents - other.cents)
    def __add__(self, other):
        return Money(self.cents + other.cents)
    def __eq__(self, other):
        return self.cents == other.cents
    def __repr__(self):
        return "%.2f EUR" % (self.cents / 100)
""",
                    "collatz": """def collatz(n):
    return [n] if n == 1 else [n] + collatz(n // 2 if n % 2 == 0 else 3 * n + 1)

def primes():
    return [2, 3, 5, 7, 11]""",
                },
            ),
            "wrong": (
                2,
                right("collatz")
                | {
                    "money": """class Overdrawn:
    pass

class Money(int):
    pass""",
                    "compose": """def compose(*functions):
    def composed(x):
        for function in functions:
            x = function(x)
        return x
    return composed""",
                },
            ),
            "blank": (0, BLANK),
        },
    )
}
