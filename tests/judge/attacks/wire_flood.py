"""Send as many answers as fit through, from four threads and for ever."""

from judge.attacks import SERVER

LIMITS = {"cell_seconds": 1}

SOLUTION = (
    SERVER
    + """
def flood():
    while True:
        wire.sendall(frame(1, ["array", "|u1", [2**20], bytes(2**20)], None, ["list"]) * 4)

def self_attention(X, *parameters):
    for _ in range(4):
        threading.Thread(target=flood, daemon=True).start()
    flood()
"""
)
