"""Tests replace functions of libraries, of the built-ins and of the course's own module for the student's code."""

from peers.courses import BLANK, SOLVED, Course, check, given, notebook, prose, right, solution

STATION = """
'''The weather station's line. It is not to be called from an exercise.'''


class Reply:
    def __init__(self, status, temperature):
        self.status = status
        self.temperature = temperature


def get(city, timeout=5):
    raise RuntimeError("the line is dead")
"""

REPORT = notebook(
    prose("# A weather report\n\nAsk the station, be patient, throw a coin, talk to the reader."),
    given("setup", "import random\nimport time\n\nimport station"),
    solution(
        "temperature",
        '''
        def temperature(city):
            """What the station says; None if its status is not 200."""
            ### BEGIN SOLUTION
            reply = station.get(city)
            return reply.temperature if reply.status == 200 else None
            ### END SOLUTION
        ''',
    ),
    check(
        "temperature-check",
        """
        from unittest.mock import patch

        with patch("station.get", return_value=station.Reply(200, 21.5)) as get:
            assert temperature("Ulm") == 21.5
        assert get.call_args.args == ("Ulm",)
        ### BEGIN HIDDEN TESTS
        with patch.object(station, "get", return_value=station.Reply(404, 0)):
            assert temperature("Atlantis") is None
        ### END HIDDEN TESTS
        """,
        2,
    ),
    solution(
        "patient",
        '''
        def patiently(ask, tries=3):
            """ask(), again after 1, 2, 4 ... seconds where it raises OSError; None after the last try."""
            ### BEGIN SOLUTION
            for number in range(tries):
                try:
                    return ask()
                except OSError:
                    time.sleep(2 ** number)
            ### END SOLUTION
        ''',
    ),
    check(
        "patient-check",
        """
        from unittest.mock import Mock, call, patch

        with patch("time.sleep") as nap:
            assert patiently(Mock(side_effect=[OSError, OSError, "sun"])) == "sun"
            ### BEGIN HIDDEN TESTS
            assert nap.call_args_list == [call(1), call(2)]
            assert patiently(Mock(side_effect=OSError), tries=2) is None
            ### END HIDDEN TESTS
        """,
        2,
    ),
    solution(
        "forecast",
        '''
        def forecast(days):
            """For each day "rain" where random.random() is below 0.3, and "sun" elsewhere."""
            ### BEGIN SOLUTION
            return ["rain" if random.random() < 0.3 else "sun" for _ in range(days)]
            ### END SOLUTION
        ''',
    ),
    check(
        "forecast-check",
        """
        assert len(forecast(7)) == 7
        ### BEGIN HIDDEN TESTS
        chance = random.random
        random.random = iter([0.1, 0.9, 0.29, 0.3]).__next__
        try:
            assert forecast(4) == ["rain", "sun", "rain", "sun"]
        finally:
            random.random = chance
        ### END HIDDEN TESTS
        """,
        2,
    ),
    solution(
        "degrees",
        '''
        def ask_for_degrees():
            """Ask with input() until a number comes, and return it."""
            ### BEGIN SOLUTION
            while True:
                try:
                    return float(input("How warm is it? "))
                except ValueError:
                    print("A number, please.")
            ### END SOLUTION
        ''',
    ),
    check(
        "degrees-patched",
        """
        with patch("builtins.input", side_effect=["warm", "18"]) as reader:
            assert ask_for_degrees() == 18
        assert reader.call_count == 2
        """,
    ),
    check(
        "degrees-shadowed",
        """
        ### BEGIN HIDDEN TESTS
        input = lambda prompt="": "-3.5"
        assert ask_for_degrees() == -3.5
        del input
        ### END HIDDEN TESTS
        """,
    ),
)

COURSES = {
    "stubbed_library": Course(
        {"report": REPORT},
        {
            "solved": (8, SOLVED),
            "half": (
                4,
                right("patient", "degrees")
                | {
                    "temperature": "def temperature(city):\n    return station.get(city).temperature",
                    "forecast": """dice = random.Random(4)

def forecast(days):
    return ["rain" if dice.random() < 0.3 else "sun" for _ in range(days)]""",
                },
            ),
            "wrong": (
                1,
                {
                    "temperature": "def temperature(city):\n    return 21.5",
                    "patient": """def patiently(ask, tries=3):
    for _ in range(tries):
        try:
            return ask()
        except OSError:
            time.sleep(1)""",
                    "degrees": "def ask_for_degrees():\n    return float(input())",
                },
            ),
            "blank": (0, BLANK),
        },
        files={"source/homework/station.py": STATION},
    )
}
