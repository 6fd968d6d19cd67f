"""Tests delete a helper, put a spy in its place, or a stub, to see whether the student's function uses it."""

from peers.courses import BLANK, SOLVED, Course, check, given, notebook, prose, right, solution

PRIMES = notebook(
    prose("# Prime numbers\n\nFirst a helper, then what can be built of it. *Use the helper!*"),
    given("setup", "import math"),
    solution(
        "is-prime",
        '''
        def is_prime(n):
            """Whether n is a prime number."""
            ### BEGIN SOLUTION
            return n > 1 and all(n % d for d in range(2, math.isqrt(n) + 1))
            ### END SOLUTION
        ''',
    ),
    check(
        "is-prime-check",
        """
        assert is_prime(2)
        assert not is_prime(9)
        ### BEGIN HIDDEN TESTS
        assert not is_prime(1)
        assert [n for n in range(30) if is_prime(n)] == [2, 3, 5, 7, 11, 13, 17, 19, 23, 29]
        ### END HIDDEN TESTS
        """,
        2,
    ),
    solution(
        "twins",
        '''
        def twins(limit):
            """Pairs (p, p + 2) of primes with p below the limit."""
            ### BEGIN SOLUTION
            return [(p, p + 2) for p in range(limit) if is_prime(p) and is_prime(p + 2)]
            ### END SOLUTION
        ''',
    ),
    check("twins-check", "assert twins(20) == [(3, 5), (5, 7), (11, 13), (17, 19)]", 1),
    check(
        "twins-use-is-prime",
        '''
        """Without is_prime there must be no twins."""
        orig = is_prime
        del is_prime
        try:
            twins(10)
        except NameError:
            pass
        else:
            raise AssertionError("twins does not use is_prime")
        finally:
            is_prime = orig
        ''',
        1,
    ),
    solution(
        "count",
        '''
        def count_primes(numbers):
            """How many of the numbers are prime."""
            ### BEGIN SOLUTION
            return sum(is_prime(n) for n in numbers)
            ### END SOLUTION
        ''',
    ),
    check(
        "count-asks-once",
        """
        assert count_primes([2, 3, 4]) == 2
        ### BEGIN HIDDEN TESTS
        real, asked = is_prime, []
        def is_prime(n):
            asked.append(n)
            return real(n)
        assert count_primes([4, 5, 6]) == 1
        assert asked == [4, 5, 6], "is_prime is to be asked once for each number"
        is_prime = lambda n: n == 4  # a world in which 4 is the only prime
        assert count_primes([4, 5, 6]) == 1
        assert count_primes([4, 4, 7]) == 2
        is_prime = real
        ### END HIDDEN TESTS
        """,
        2,
    ),
    check("all-is-back", "assert is_prime(7) and twins(4) == [(3, 5)] and count_primes(range(10)) == 4", 1),
)

COURSES = {
    "replaced_names": Course(
        {"primes": PRIMES},
        {
            "solved": (7, SOLVED),
            "half": (  # all values right, the helper never used
                4,
                right("is-prime")
                | {
                    "twins": """def twins(limit):
    prime = lambda n: n > 1 and all(n % d for d in range(2, n))
    return [(p, p + 2) for p in range(limit) if prime(p) and prime(p + 2)]""",
                    "count": """def count_primes(numbers):
    return len([n for n in numbers if n > 1 and all(n % d for d in range(2, n))])""",
                },
            ),
            "wrong": (  # 1 is no prime; each number is asked about twice
                1,
                right("twins")
                | {
                    "is-prime": "def is_prime(n):\n    return all(n % d for d in range(2, n))",
                    "count": """def count_primes(numbers):
    return sum(1 for n in numbers if is_prime(n) and is_prime(n))""",
                },
            ),
            "blank": (0, BLANK),
        },
    )
}
