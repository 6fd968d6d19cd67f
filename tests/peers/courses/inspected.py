"""Tests that look at the code and at what it prints: doctest, unittest, source text, captured output, globals()."""

from peers.courses import BLANK, SOLVED, Course, check, given, notebook, prose, right, solution

TEXTS = notebook(
    prose("# Texts\n\nYour functions are tested in many ways."),
    given("setup", "import contextlib\nimport doctest\nimport inspect\nimport io\nimport sys\nimport unittest"),
    solution(
        "caesar",
        '''
        def caesar(text, shift):
            """Shift the capital letters of a text round the alphabet.

            >>> caesar("ABC", 1)
            'BCD'
            >>> caesar("XYZ!", 3)
            'ABC!'
            """
            ### BEGIN SOLUTION
            return "".join(chr((ord(c) - 65 + shift) % 26 + 65) if "A" <= c <= "Z" else c for c in text)
            ### END SOLUTION
        ''',
    ),
    check("caesar-doctest", "results = doctest.testmod()\nassert results.attempted == 2 and results.failed == 0"),
    check(
        "caesar-unittest",
        """
        class CaesarTest(unittest.TestCase):
            def test_back_and_forth(self):
                for shift in (1, 13, 25):
                    with self.subTest(shift=shift):
                        self.assertEqual(caesar(caesar("SALVE, QUINTE", shift), -shift), "SALVE, QUINTE")

            def test_numbers_are_refused(self):
                with self.assertRaises(TypeError):
                    caesar(7, 1)

        suite = unittest.defaultTestLoader.loadTestsFromTestCase(CaesarTest)
        assert unittest.TextTestRunner(stream=io.StringIO()).run(suite).wasSuccessful()
        """,
        2,
    ),
    solution(
        "reverse",
        '''
        def reverse(text):
            """The text from its end to its beginning, by recursion: no loop, no slice with a step."""
            ### BEGIN SOLUTION
            return text and reverse(text[1:]) + text[0]
            ### END SOLUTION
        ''',
    ),
    check(
        "reverse-by-recursion",
        """
        assert reverse("lager") == "regal"
        ### BEGIN HIDDEN TESTS
        source = inspect.getsource(reverse)
        assert "::" not in source and "for " not in source and "reversed" not in source
        assert "reverse" in reverse.__code__.co_names
        assert list(inspect.signature(reverse).parameters) == ["text"]
        ### END HIDDEN TESTS
        """,
        2,
    ),
    solution(
        "table",
        '''
        def table(n):
            """Print the multiplication table of n from 1 to 3, a line each: 1 x 7 = 7"""
            ### BEGIN SOLUTION
            for i in range(1, 4):
                print(f"{i} x {n} = {i * n}")
            ### END SOLUTION
        ''',
    ),
    check(
        "table-printed",
        """
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            assert table(7) is None
        assert printed.getvalue().splitlines() == ["1 x 7 = 7", "2 x 7 = 14", "3 x 7 = 21"]
        ### BEGIN HIDDEN TESTS
        screen, sys.stdout = sys.stdout, io.StringIO()
        try:
            table(0)
            lines = sys.stdout.getvalue()
        finally:
            sys.stdout = screen
        assert lines.count("= 0") == 3
        ### END HIDDEN TESTS
        """,
        2,
    ),
    solution("vowels", 'vowels = ""\n### BEGIN SOLUTION\nvowels = "aeiou"\n### END SOLUTION'),
    check(
        "vowels-are-there",
        """
        assert "vowels" in globals(), "the name is to be vowels"
        assert sorted(globals()["vowels"]) == list("aeiou")
        assert eval("len(vowels)") == 5
        """,
    ),
)

COURSES = {
    "inspected": Course(
        {"texts": TEXTS},
        {
            "solved": (8, SOLVED),
            "half": (  # right answers, but not as they were asked for
                3,
                right("vowels")
                | {
                    "caesar": '''def caesar(text, shift):
    """Caesar's way.

    >>> caesar("ABC", 1)
    'bcd'
    """
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return "".join(letters[(letters.index(c) + shift) % 26] if c in letters else c for c in text)''',
                    "reverse": "def reverse(text):\n    return text[::-1]",
                    "table": 'def table(n):\n    return "\\n".join(f"{i} x {n} = {i * n}" for i in (1, 2, 3))',
                },
            ),
            "wrong": (
                6,  # what is shifted comes back
                right("reverse", "table")
                | {
                    "caesar": '''def caesar(text, shift):
    """
    >>> caesar("ABC", 1)
    'BCD'
    >>> caesar("XYZ!", 3)
    'ABC!'
    """
    return "".join(chr(ord(c) + shift) for c in text)''',
                    "vowels": 'Vowels = "aeiou"\ndel vowels',
                },
            ),
            "blank": (0, BLANK),
        },
    )
}
