"""Other words round solutions and hidden tests, other stubs in their place, and a header over every notebook."""

import nbformat
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
    text_by_hand,
)

HEADER = notebook(prose("*Write your name below.*"), plain('NAME = ""\nGROUP = ""'))

OSCILLATOR = notebook(
    prose("# Der Federschwinger"),
    given("setup", "import numpy as np"),
    solution(
        "step",
        '''
        def schritt(x, v, dt, k=1.0, m=1.0):
            """Ein Schritt des Euler-Cromer-Verfahrens: erst die Geschwindigkeit, dann der Ort."""
            # ANFANG LÖSUNG
            v = v - k / m * x * dt
            x = x + v * dt
            # ENDE LÖSUNG
            return x, v
        ''',
    ),
    check(
        "step-check",
        """
        assert schritt(1.0, 0.0, 0.5) == (0.75, -0.5)
        # ANFANG VERSTECKT
        assert np.allclose(schritt(1.0, 1.0, 0.1, k=2.0, m=4.0), (1.095, 0.95))
        # ENDE VERSTECKT
        """,
        2,
    ),
    solution(
        "orbit",
        '''
        def bahn(n, dt):
            """Die Orte von n Schritten ab x = 1, v = 0, der Anfang mitgezählt."""
            x, v = 1.0, 0.0
            orte = [x]
            # ANFANG LÖSUNG
            for _ in range(n):
                x, v = schritt(x, v, dt)
                orte.append(x)
            # ENDE LÖSUNG
            return np.array(orte)
        ''',
    ),
    check("orbit-length", "assert bahn(10, 0.1).shape == (11,)"),
    check(
        "orbit-energy",
        """
        # ANFANG VERSTECKT
        orte = bahn(5000, 0.01)
        assert abs(orte.max() - 1) < 0.01 and abs(orte.min() + 1) < 0.01
        # ENDE VERSTECKT
        """,
        2,
    ),
    text_by_hand("why", "# ANFANG LÖSUNG\nDas Verfahren ist symplektisch.\n# ENDE LÖSUNG", 2),
    code_by_hand("plot", "# ANFANG LÖSUNG\nbahn(100, 0.1).round(2)\n# ENDE LÖSUNG", 2),
)

COURSES = {
    "delimiters": Course(
        {"schwinger": OSCILLATOR},
        {
            "solved": (5, SOLVED),
            "half": (
                1,
                right("orbit", "why")
                | {
                    "step": """def schritt(x, v, dt, k=1.0, m=1.0):
    return x + v * dt, v - k / m * x * dt""",
                },
            ),
            "blank": (0, BLANK),  # the stub passes, and the functions return something
        },
        files={"source/header.ipynb": nbformat.writes(HEADER)},
        config="""
        c.ClearSolutions.begin_solution_delimeter = "ANFANG LÖSUNG"
        c.ClearSolutions.end_solution_delimeter = "ENDE LÖSUNG"
        c.ClearSolutions.code_stub = {"python": "# hier weiter\\npass"}
        c.ClearSolutions.text_stub = "Hier steht bald etwas."
        c.ClearHiddenTests.begin_test_delimeter = "ANFANG VERSTECKT"
        c.ClearHiddenTests.end_test_delimeter = "ENDE VERSTECKT"
        c.IncludeHeaderFooter.header = "source/header.ipynb"
        """,
    )
}
