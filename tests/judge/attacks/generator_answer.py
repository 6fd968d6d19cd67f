"""Return a generator, an iterator, a coroutine and a map in place of numbers."""

SOLUTION = """
async def later():
    return 0

def generator():
    yield from [[0.0] * 3] * 4

answers = [lambda: range(12), later, generator, lambda: map(float, "000")]

def self_attention(*arguments):
    answers.append(answers.pop(0))
    return answers[0]()
"""
