"""Answers are data frames and series of pandas, and tests use pandas on them."""

from peers.courses import BLANK, SOLVED, Course, check, given, notebook, prose, right, solution

TIDES = """station,month,level
north,1,412.5
north,2,418
south,1,395
south,2,
south,3,401
"""

LEVELS = notebook(
    prose("# Levels of a tide gauge"),
    given("setup", "import pandas as pd\nfrom pandas.testing import assert_frame_equal"),
    solution(
        "read",
        """
        # levels: tides.csv as a data frame, without the rows that lack a level
        ### BEGIN SOLUTION
        levels = pd.read_csv("tides.csv").dropna().reset_index(drop=True)
        ### END SOLUTION
        """,
    ),
    check(
        "read-check",
        """
        assert isinstance(levels, pd.DataFrame)
        assert list(levels.columns) == ["station", "month", "level"]
        ### BEGIN HIDDEN TESTS
        assert len(levels) == 4 and levels.level.notna().all()
        assert levels.dtypes["month"] == "int64"
        ### END HIDDEN TESTS
        """,
    ),
    solution(
        "mean",
        '''
        def means(table):
            """The mean level of each station, as a series, the highest first."""
            ### BEGIN SOLUTION
            return table.groupby("station")["level"].mean().sort_values(ascending=False)
            ### END SOLUTION
        ''',
    ),
    check(
        "mean-check",
        """
        assert means(levels)["north"] == 415.25
        ### BEGIN HIDDEN TESTS
        other = pd.DataFrame({"station": list("aab"), "level": [1.0, 2.0, 9.0], "month": [1, 2, 3]})
        result = means(other)
        assert isinstance(result, pd.Series)
        assert result.index.tolist() == ["b", "a"] and result.tolist() == [9, 1.5]
        ### END HIDDEN TESTS
        """,
        2,
    ),
    solution(
        "wide",
        '''
        def wide(table):
            """A row for each month, a column for each station."""
            ### BEGIN SOLUTION
            return table.pivot(index="month", columns="station", values="level")
            ### END SOLUTION
        ''',
    ),
    check(
        "wide-check",
        """
        expected = levels.pivot(index="month", columns="station", values="level")
        assert_frame_equal(wide(levels), expected)
        assert wide(levels).loc[1, "south"] == 395
        """,
        2,
    ),
    solution(
        "change",
        '''
        def add_change(table):
            """Add a column: the change since the row before, of the same station. The table itself is changed."""
            ### BEGIN SOLUTION
            table["change"] = table.groupby("station")["level"].diff()
            ### END SOLUTION
        ''',
    ),
    check(
        "change-check",
        """
        copy = levels.copy()
        assert add_change(copy) is None
        assert "change" in copy
        ### BEGIN HIDDEN TESTS
        assert copy.change.dropna().tolist() == [5.5, 6]
        ### END HIDDEN TESTS
        """,
        2,
    ),
)

COURSES = {
    "dataframes": Course(
        {"levels": LEVELS},
        {
            "solved": (7, SOLVED),
            "half": (
                4,
                right("mean")
                | {
                    "read": 'levels = pd.read_csv("tides.csv").fillna(0)',
                    "wide": """def wide(table):
    return table.pivot_table(values="level", index="month", columns="station")""",
                    "change": 'def add_change(table):\n    return table.assign(change=table["level"].diff())',
                },
            ),
            "wrong": (
                3,
                right("read", "change")
                | {
                    "mean": 'def means(table):\n    return table.groupby("station").level.mean().to_dict()',
                    "wide": 'def wide(table):\n    return table.pivot(index="station", columns="month")',
                },
            ),
            "blank": (0, BLANK),
        },
        files={"source/homework/tides.csv": TIDES},
        needs="pandas",
    )
}
