"""The instructor's own notebook does not earn everything: work by hand, failures on purpose, bonus, partial credit."""

from peers.courses import (
    BLANK,
    SOLVED,
    Course,
    check,
    code_by_hand,
    given,
    notebook,
    plain,
    prose,
    right,
    solution,
    task,
    text_by_hand,
)

SORTING = notebook(
    prose("# Sorting\n\nSome of it is graded by a program, some by us."),
    solution(
        "insertion",
        '''
        def insertion_sort(items):
            """A sorted copy of the list."""
            ### BEGIN SOLUTION
            result = []
            for item in items:
                place = sum(other <= item for other in result)
                result.insert(place, item)
            return result
            ### END SOLUTION
        ''',
    ),
    given("demonstration", '# An error looks so:\nsorted([3, "two", 1])'),
    plain("insertion_sort([3, None])  # and so"),
    check(
        "insertion-check",
        """
        assert insertion_sort([2, 3, 1]) == [1, 2, 3]
        ### BEGIN HIDDEN TESTS
        given_list = [5, 5, 1]
        assert insertion_sort(given_list) == [1, 5, 5]
        assert given_list == [5, 5, 1]
        ### END HIDDEN TESTS
        """,
        2,
    ),
    check(
        "insertion-cases",
        """
        # a point for each
        cases = [[], [1], [2, 1], [1, 1, 0]]
        points = sum(insertion_sort(case) == sorted(case) for case in cases)
        points
        """,
        4,
    ),
    text_by_hand("why-quadratic", "Each item is compared with all that are sorted already.", 3),
    code_by_hand("measure", "import time\n\nstart = time.perf_counter()\ninsertion_sort(range(500))", 2),
    task("compare", "Draw the time over the length, and compare it with the built-in `sorted`.", 4),
    solution(
        "stable",
        '''
        def sort_words(words):
            """Sort by length; words of the same length keep their order."""
            ### BEGIN SOLUTION
            return sorted(words, key=len)
            ### END SOLUTION
        ''',
    ),
    check(
        "stable-quality",
        """
        # half for the order, half for a function that leaves its argument alone and has type hints (ours has none)
        quality = 0.0
        words = ["pear", "fig", "plum", "nut"]
        if sort_words(words) == ["fig", "nut", "pear", "plum"] and words[0] == "pear":
            quality += 1
        if sort_words.__annotations__:
            quality += 1
        quality
        """,
        2,
    ),
    solution("bonus", "# For those who have time: heap_sort. Ours is a riddle's length away."),
    check("bonus-check", "assert heap_sort([3, 1, 2]) == [1, 2, 3]", 3),
)

COURSES = {
    "not_everything": Course(
        {"sorting": SORTING},
        {
            "solved": (7, SOLVED),
            "half": (
                4,
                {
                    "insertion": """def insertion_sort(items):
    return items if len(items) < 2 else [min(items), max(items)]""",
                    "why-quadratic": "Because there are two loops.",
                    "stable": "def sort_words(words: list) -> list:\n    words.sort(key=len)\n    return words",
                    "bonus": "heap_sort = None",
                },
            ),
            "bonus": (
                10,
                right("insertion", "measure", "stable")
                | {
                    "bonus": """import heapq

def heap_sort(items):
    heap = list(items)
    heapq.heapify(heap)
    return [heapq.heappop(heap) for _ in items]""",
                },
            ),
            "blank": (0, BLANK),
        },
    )
}
