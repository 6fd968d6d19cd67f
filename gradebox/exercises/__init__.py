"""What an author writes against: an exercise's truth, its cases, its known mistakes, and how answers are compared.

Promise: a wrong answer is told in what way it is wrong, and neither the expected values nor the hidden inputs. It works
on a student's answer behind the border as on a plain function, where stock nbgrader runs the tests.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "comparing": ["difference", "same"],
        "exercise": ["PARTS", "Case", "Exercise", "Outcome", "WrongAnswer", "made", "slip_in"],
        "mistakes": ["Mistake"],
    },
)
