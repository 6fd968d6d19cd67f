"""The imports stand in solutions alone, and tests use them."""

from peers.courses import BLANK, SOLVED, Course, check, notebook, prose, right, solution

WORDS = notebook(
    prose("# Counting words\n\nImport what you need, numpy as `np`."),
    solution(
        "imports",
        """
        ### BEGIN SOLUTION
        import string
        from collections import Counter

        import numpy as np
        ### END SOLUTION
        """,
    ),
    solution(
        "words",
        '''
        def words(text):
            """The words of a text in small letters, without punctuation."""
            ### BEGIN SOLUTION
            return [word.strip(string.punctuation).lower() for word in text.split()]
            ### END SOLUTION
        ''',
    ),
    check(
        "words-check",
        """
        assert words("The cat, the dog!") == ["the", "cat", "the", "dog"]
        ### BEGIN HIDDEN TESTS
        assert words(f"a{string.punctuation}") == ["a"]
        ### END HIDDEN TESTS
        """,
    ),
    solution(
        "counts",
        '''
        def counts(text):
            """How often each word occurs."""
            ### BEGIN SOLUTION
            return Counter(words(text))
            ### END SOLUTION
        ''',
    ),
    check(
        "counts-check",
        """
        assert counts("to be or not to be") == Counter(to=2, be=2, **{"or": 1, "not": 1})
        ### BEGIN HIDDEN TESTS
        assert counts("") == Counter()
        ### END HIDDEN TESTS
        """,
        2,
    ),
    solution(
        "frequencies",
        '''
        def frequencies(text):
            """The words' shares of the text as an array, the largest first."""
            ### BEGIN SOLUTION
            numbers = np.array(sorted(counts(text).values(), reverse=True))
            return numbers / numbers.sum()
            ### END SOLUTION
        ''',
    ),
    check("frequencies-check", 'assert np.allclose(frequencies("a b a a"), [0.75, 0.25])', 2),
    solution(
        "entropy",
        '''
        def entropy(text):
            """The entropy of the words in bits."""
            ### BEGIN SOLUTION
            from math import log2

            return -sum(share * log2(share) for share in frequencies(text))
            ### END SOLUTION
        ''',
    ),
    check("entropy-check", 'assert entropy("a b c d") == np.log2(4)', 1),
)

COURSES = {
    "solution_imports": Course(
        {"words": WORDS},
        {
            "solved": (6, SOLVED),
            "half": (  # their numpy has another name, and string is not imported: tests that use the names fail
                2,
                right("counts")
                | {
                    "imports": "import numpy\nfrom collections import Counter",
                    "words": """def words(text):
    return [word.strip(",.!?").lower() for word in text.split()]""",
                    "frequencies": """def frequencies(text):
    numbers = numpy.array(sorted(counts(text).values(), reverse=True))
    return numbers / numbers.sum()""",
                },
            ),
            "wrong": (
                3,
                right("imports", "words", "counts")
                | {
                    "frequencies": "def frequencies(text):\n    return np.array(list(counts(text).values()))",
                    "entropy": "def entropy(text):\n    return 0",
                },
            ),
            "blank": (0, BLANK),
        },
    )
}
