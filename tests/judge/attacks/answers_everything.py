"""Return an object that has every attribute, item, length and operation, each of them itself."""

SOLUTION = """
class Everything:
    def itself(self, *args, **kwargs):
        return self
    def __len__(self):
        return 1
    def __iter__(self):
        yield self
    def __index__(self):
        return 0
    __getattr__ = __getitem__ = __call__ = __sub__ = __rsub__ = __abs__ = __le__ = __invert__ = itself

def self_attention(*arguments):
    return Everything()
"""
