"""Return more than the grader takes: a huge array, a huge number, a huge text, very many small lists."""

SOLUTION = """
answers = [
    lambda: [[]] * 2**20,
    lambda: "0" * 2**26,
    lambda: 1 << 2**28,
    lambda: np.broadcast_to(0.0, (2**20, 2**20)),
]

def self_attention(*arguments):
    answers.append(answers.pop(0))
    return answers[0]()
"""
