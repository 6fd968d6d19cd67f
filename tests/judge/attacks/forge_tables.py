"""Send tables with columns of different lengths, codes out of reach, and huge sparse matrices, asked for or not."""

from judge.attacks import SERVER

SOLUTION = (
    SERVER
    + """
import itertools

def array(values, dtype="<i8"):
    values = np.asarray(values, dtype)
    return ["array", dtype, [*values.shape], values.tobytes()]

steps = ["tables", "steps", ["range", 0, 2, 1], None]
tables = itertools.cycle([
    ["tables", "frame", steps, steps, ["list", array([1]), array([1, 2, 3])]],
    ["tables", "category", array([10**9, 5]), steps, True],
    ["tables", "index", ["list", ["handle", id(np)]], None, None],
    ["tables", "sparse", "csr", False, ["list", 10**15, 10**15], array([1]), array([0]), array([0])],
    ["tables", "os.system", "true"],
    ["data", "decimal", "1E+999999999"],
    ["data", "deque", ["range", 0, 10**6, 1], None],
    ["range", 0, 10**18, 1],
])
real = server.answer

def answer(number, operation, arguments):
    if operation != "call" or arguments[0] is not self_attention:
        return real(number, operation, arguments)
    return msgpack.packb(["tuple", number, ["tuple", next(tables), ["dict"]], None, ["list"]])

server.answer = answer

def self_attention(X, *parameters):
    return np.zeros_like(X)
"""
)
