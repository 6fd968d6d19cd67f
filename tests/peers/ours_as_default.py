"""A plugin for pytest: nbgrader as if our Execute were its own, to run nbgrader's tests with."""

from nbgrader.converters import Autograde
from nbgrader.preprocessors import Execute as StockExecute

from gradebox.execute import Execute

steps = [Execute if step is StockExecute else step for step in Autograde.autograde_preprocessors.default()]
Autograde.autograde_preprocessors.default = lambda obj=None: list(steps)
Autograde.autograde_preprocessors.make_dynamic_default = lambda: list(steps)
assert Autograde().autograde_preprocessors == steps
