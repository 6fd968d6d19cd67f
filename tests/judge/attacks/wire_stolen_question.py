"""Start a thread that reads the grader's next question off the wire, so that it is never answered."""

from judge.attacks import SERVER

LIMITS = {"cell_seconds": 1}

SOLUTION = (
    SERVER
    + """
real = server.do_call

def call(function, *more):
    if function is self_attention:
        threading.Thread(target=wire.recv, args=(2**20,), daemon=True).start()
        time.sleep(0.1)
    return real(function, *more)

def self_attention(X, *parameters):
    server.do_call = call
    return np.zeros_like(X)
"""
)
