"""Replace the functions that make answers: no error ever, and for the target what one wishes, true or a pass or points."""

from judge.attacks import SERVER

SOLUTION = (
    SERVER
    + """
import gradebox.untrusted.server

real_call, real_pack = server.do_call, gradebox.untrusted.server.pack
wishes = [True, 2.0, ("passed", 2), {"grade": 2, "max_points": 2}, None, "Correct: the shape and all numbers match."]

def call(function, arguments, keywords, give_back, libraries):
    result = real_call(function, arguments, keywords, give_back, libraries)
    if function is not self_attention:
        return result
    wishes.append(wishes.pop(0))
    return wishes[0], {}

server.do_call = call

def pack(value, *more):
    if type(value) is tuple and len(value) == 4 and isinstance(value[2], dict):  # an answer with an error
        value = (*value[:2], None, value[3])
    return real_pack(value, *more)

gradebox.untrusted.server.pack = pack

def self_attention(X, *parameters):
    return np.zeros_like(X)
"""
)
