"""Close the wire and go on running."""

from judge.attacks import SERVER

LIMITS = {"cell_seconds": 1}

SOLUTION = (
    SERVER
    + """
def self_attention(X, *parameters):
    wire.shutdown(socket.SHUT_RDWR)
    wire.close()
    while True:
        time.sleep(1)
"""
)
