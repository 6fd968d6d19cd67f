"""A made-up class in which everybody answers in their own way, and copies of its answers as students disguise them.

Everybody draws how they write from the ways in which it is usually written, the usual ones more often; what a copy
changes is changed in the syntax tree, so that it still is Python.
"""

import ast
import builtins
import functools
import random

from gradebox.alike import Answer

LETTERS = {"q": ["Q", "queries", "q", "query"], "k": ["K", "keys", "k", "key"], "v": ["V", "values", "v", "val"]}
REMARKS = ["compute it", "loop over all", "see the book", "now the result", "TODO check", "shape (D, N)", "sizes"]


class Hand:
    """How one student writes: choices, names and remarks."""

    def __init__(self, random_: random.Random):
        self.random = random_
        self.spaces = random_.choice(["    ", "    ", "  "])

    def one(self, *ways: str) -> str:
        """One of some ways, the first more often than the later ones."""
        return self.random.choices(ways, [1 / (place + 1) for place in range(len(ways))])[0]

    def written(self, lines: list[str]) -> str:
        """The lines as this student writes them: with habits in how things are said, and remarks."""
        tree = Habits(self.random).visit(ast.parse("\n".join(lines)))
        text = []
        for line in ast.unparse(ast.fix_missing_locations(tree)).split("\n"):
            bare = line.lstrip(" ")
            depth = (len(line) - len(bare)) // 4
            if depth and self.random.random() < 0.2:
                text.append(f"{self.spaces * depth}# {self.random.choice(REMARKS)}")
            text.append(self.spaces * depth + bare)
        return "\n".join(text)


class Habits(ast.NodeTransformer):
    """What people do without thinking, each with a likelihood of their own."""

    def __init__(self, chance: random.Random):
        self.chance = chance
        self.likely = {habit: chance.random() ** 3 for habit in ("swap", "zero", "len", "split", "print", "say", "aug")}
        self.temporary = chance.choice(["tmp", "t", "temp", "val", "current"])

    def does(self, habit: str) -> bool:
        return self.chance.random() < self.likely[habit]

    def visit_BinOp(self, node):
        self.generic_visit(node)
        if isinstance(node.op, (ast.Add, ast.Mult)) and self.does("swap"):
            node.left, node.right = node.right, node.left
        return node

    def visit_Call(self, node):
        self.generic_visit(node)
        if ast.unparse(node.func) == "range" and len(node.args) == 1 and self.does("zero"):
            node.args.insert(0, ast.Constant(0))
        return node

    def visit_Subscript(self, node):
        self.generic_visit(node)
        if ast.unparse(node).endswith(".shape[0]") and self.does("len"):
            return ast.Call(ast.Name("len", ast.Load()), [node.value.value], [])
        return node

    def visit_Assign(self, node):
        self.generic_visit(node)
        lines = [node]
        if isinstance(node.value, ast.BinOp) and self.does("split"):
            side = self.chance.choice(["left", "right"])
            lines.insert(0, ast.Assign([ast.Name(self.temporary, ast.Store())], getattr(node.value, side), lineno=0))
            setattr(node.value, side, ast.Name(self.temporary, ast.Load()))
        if self.does("print") and self.chance.random() < 0.3:
            lines.append(ast.parse(f"print({ast.unparse(node.targets[0])})").body[0])
        return lines

    def visit_FunctionDef(self, node):
        self.generic_visit(node)
        argument = node.args.args[0].arg
        ways = [
            f"{argument} = np.array({argument})",
            f"assert {argument}.ndim == 2",
            f"{argument} = {argument}.astype(float)",
            f"if {argument} is None:\n    return None",
            f"{argument} = {argument}.copy()",
        ]
        if self.does("say"):
            node.body[:0] = ast.parse(self.chance.choice(ways)).body
        return node


def attention(hand: Hand) -> str:
    """Scaled dot-product self-attention, as methods of numpy or in loops."""
    names = {letter: hand.one(*ways) for letter, ways in LETTERS.items()}
    shape = hand.one("", "D, N = X.shape", "N = X.shape[1]", "d = len(X)")
    project = hand.one(
        "{n} = omega_{l} @ X + beta_{l}",
        "{n} = np.matmul(omega_{l}, X) + beta_{l}",
        "{n} = beta_{l} + omega_{l} @ X",
        "{n} = np.dot(omega_{l}, X) + beta_{l}",
        "{n} = omega_{l}.dot(X) + beta_{l}.reshape(-1, 1)",
        "{n} = np.einsum('ij,jn->in', omega_{l}, X) + beta_{l}",
        "{n} = np.stack([omega_{l} @ x + beta_{l}[:, 0] for x in X.T], axis=1)",
    )
    lines = ["def scaled_attention(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):"]
    lines += [f"    {shape}"] if shape else []
    lines += [f"    {project.format(n=names[letter], l=letter)}" for letter in hand.one("qkv", "vqk", "kqv", "vkq")]
    q, k, v = names["q"], names["k"], names["v"]
    scores = hand.one("scores", "S", "attention", "a", "dots")
    root = hand.one(f"np.sqrt({k}.shape[0])", f"np.sqrt(len({q}))", f"{q}.shape[0] ** 0.5", "math.sqrt(X.shape[0])")
    how = hand.one("at once", "first", "loops", "after", "einsum")
    if how == "at once":
        lines += [
            f"    {scores} = {hand.one(f'{k}.T @ {q}', f'np.matmul({k}.T, {q})', f'np.dot({k}.T, {q})')} / {root}"
        ]
    elif how == "first":
        lines += [f"    {scores} = {k}.T @ {q}", f"    {hand.one(f'{scores} = {scores} /', f'{scores} /=')} {root}"]
    elif how == "after":
        lines += [f"    {scores} = ({q}.T @ {k}).T", f"    scaled = {scores} * (1 / {root})"]
        scores = "scaled"
    elif how == "einsum":
        lines += [f"    {scores} = np.einsum('dm,dn->mn', {k}, {q}) / {root}"]
    else:
        size = hand.one("X.shape[1]", f"len({k}[0])", f"{q}.shape[1]")
        lines += [
            f"    {scores} = {hand.one(f'np.zeros(({size}, {size}))', f'np.empty([{size}] * 2)')}",
            f"    for m in range({size}):",
            f"        for n in range({size}):",
            f"            {scores}[m, n] = "
            + hand.one(f"{k}[:, m] @ {q}[:, n]", f"np.dot({q}[:, n], {k}[:, m])", f"np.sum({k}[:, m] * {q}[:, n])")
            + f" / {root}",
        ]
    weights = hand.one("weights", "A", "alpha", "soft")
    soft = hand.one("given", "own", "stable", "loop")
    if soft == "given":
        lines += [f"    {weights} = softmax_cols({scores})"]
    elif soft == "own":
        lines += [f"    e = np.exp({scores})", f"    {weights} = e / {hand.one('np.sum(e, axis=0)', 'e.sum(0)')}"]
    elif soft == "stable":
        peak = hand.one(f"np.max({scores}, axis=0, keepdims=True)", f"{scores}.max(axis=0)", f"{scores}.max()")
        lines += [f"    e = np.exp({scores} - {peak})"]
        lines += [f"    {weights} = e / {hand.one('e.sum(axis=0, keepdims=True)', 'np.sum(e, axis=0)')}"]
    else:
        lines += [
            f"    {weights} = np.zeros_like({scores})",
            f"    for n in {hand.one('range(X.shape[1])', f'range(len({scores}))')}:",
            f"        e = np.exp({scores}[:, n])",
            f"        {weights}[:, n] = e / {hand.one('sum(e)', 'e.sum()', 'np.sum(e)')}",
        ]
    product = hand.one(
        f"{v} @ {weights}", f"np.matmul({v}, {weights})", f"np.dot({v}, {weights})", f"{v}.dot({weights})"
    )
    last = hand.one("direct", "named", "given name")
    if last == "direct":
        return hand.written([*lines, f"    return {product}"])
    name = "X_prime" if last == "given name" else hand.one("result", "out", "output")
    return hand.written([*lines, f"    {name} = {product}", f"    return {name}"])


def convolution(hand: Hand) -> str:
    """A convolution with strides over one channel, in loops."""
    i, j = hand.one("i j", "y x", "row col", "h w").split()
    image, out = hand.one("padded", "image", "img", "big"), hand.one("out", "result", "output", "res")
    lines = ["def convolve(image, weights, stride=1, pad=1):"]
    if hand.random.random() < 0.4:
        lines += ["    height, width = image.shape", "    kh, kw = weights.shape"]
        height, width, kh, kw = "height", "width", "kh", "kw"
    else:
        height, width, kh, kw = "image.shape[0]", "image.shape[1]", "weights.shape[0]", "weights.shape[1]"
    rows = hand.one(
        f"({height} + 2 * pad - {kh}) // stride + 1",
        f"int(np.floor(({height} + 2 * pad - {kh}) / stride + 1))",
        f"1 + ({height} - {kh} + 2 * pad) // stride",
        f"int(({height} - {kh} + pad * 2) / stride) + 1",
    )
    lines += [f"    rows = {rows}", f"    cols = {rows.replace(height, width).replace(kh, kw)}"]
    if hand.random.random() < 0.6:
        lines += [f"    {image} = {hand.one('np.pad(image, pad)', 'np.pad(image, ((pad, pad), (pad, pad)))')}"]
    else:
        lines += [
            f"    big = np.zeros(({height} + 2 * pad, {width} + 2 * pad))",
            f"    big[{hand.one(f'pad:pad + {height}, pad:pad + {width}', 'pad:-pad, pad:-pad')}] = image",
        ]
        image = "big"
    size = hand.one("(rows, cols)", "[rows, cols]")
    fill = hand.one("zeros", "empty")
    lines += [f"    {out} = np.{fill}({size})"]
    lines += [f"    for {i} in range(rows):", f"        for {j} in range(cols):"]
    inner = hand.one("patch", "sum", "loops", "corner")
    if inner == "patch":
        lines += [
            f"            patch = {image}[{i} * stride:{i} * stride + {kh}, {j} * stride:{j} * stride + {kw}]",
            f"            {out}[{i}, {j}] = {hand.one('np.sum(patch * weights)', '(patch * weights).sum()')}",
        ]
    elif inner == "sum":
        lines += [
            f"            {out}[{i}, {j}] = np.sum({image}[{i} * stride:{i} * stride + {kh}, "
            f"{j} * stride:{j} * stride + {kw}] * weights)"
        ]
    elif inner == "corner":
        lines += [
            f"            top = {i} * stride",
            f"            left = {j} * stride",
            f"            window = {image}[top:top + {kh}, left:left + {kw}]",
            f"            {out}[{i}][{j}] = {hand.one('np.sum(window * weights)', 'np.vdot(window, weights)')}",
        ]
    else:
        lines += [
            f"            {hand.one('total', 's', 'acc')} = 0",
            f"            for a in range({kh}):",
            f"                for b in range({kw}):",
        ]
        name = lines[-3].split()[0]
        lines += [
            f"                    {name} += {image}[{i} * stride + a, {j} * stride + b] * weights[a, b]",
            f"            {out}[{i}, {j}] = {name}",
        ]
    return hand.written([*lines, f"    return {out}"])


def pooling(hand: Hand) -> str:
    """Maximum of blocks of two by two: a short answer, that many write in the same way."""
    how = hand.one("max", "reshape", "slices", "append")
    lines = ["def maxpool(x_in):"]
    if how == "reshape":
        lines += ["    h, w = x_in.shape", "    return x_in.reshape(h // 2, 2, w // 2, 2).max(axis=(1, 3))"]
    elif how == "slices":
        lines += ["    top = np.maximum(x_in[::2, ::2], x_in[::2, 1::2])"]
        lines += ["    bottom = np.maximum(x_in[1::2, ::2], x_in[1::2, 1::2])", "    return np.maximum(top, bottom)"]
    elif how == "append":
        lines += ["    rows = []", "    for i in range(0, len(x_in), 2):", "        row = []"]
        lines += [
            "        for j in range(0, len(x_in[0]), 2):",
            "            row.append(np.max(x_in[i:i + 2, j:j + 2]))",
        ]
        lines += ["        rows.append(row)", "    return np.array(rows)"]
    else:
        half = hand.one("x_in.shape[0] // 2, x_in.shape[1] // 2", "int(x_in.shape[0] / 2), int(x_in.shape[1] / 2)")
        out, i, j = hand.one("x_out", "out", "res"), *hand.one("i j", "r c").split()
        block = f"x_in[2 * {i}:2 * {i} + 2, 2 * {j}:2 * {j} + 2]"
        lines += [f"    {out} = np.zeros(({half}))", f"    for {i} in range({out}.shape[0]):"]
        lines += [f"        for {j} in range({out}.shape[1]):"]
        lines += [
            f"            {out}[{i}, {j}] = {hand.one(f'np.max({block})', f'{block}.max()')}",
            f"    return {out}",
        ]
    return hand.written(lines)


EXERCISES = {"attention": attention, "convolution": convolution, "pooling": pooling}


def honest(seed: int) -> dict[str, str]:
    """One student's answers, written alone."""
    return dict(_honest(seed))


@functools.cache
def _honest(seed: int) -> dict[str, str]:
    return {name: write(Hand(random.Random(f"{seed} {name}"))) for name, write in EXERCISES.items()}


# --- copies -----------------------------------------------------------------------------------------------------


class Renamed(ast.NodeTransformer):
    """Every name but a library's is another one."""

    def __init__(self):
        self.names: dict[str, str] = {}

    def new(self, name: str) -> str:
        kept = name in dir(builtins) or name in ("np", "math", "softmax_cols")
        return name if kept else self.names.setdefault(name, f"my_{len(self.names)}")

    def visit_Name(self, node):
        return ast.copy_location(ast.Name(self.new(node.id), node.ctx), node)

    def visit_arg(self, node):
        return ast.arg(self.new(node.arg))


class OtherConstants(ast.NodeTransformer):
    def visit_Constant(self, node):
        return ast.Constant(node.value + 1 if type(node.value) in (int, float) else node.value)


def reads(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


class Reordered(ast.NodeTransformer):
    """Neighbouring assignments change places where neither needs the other."""

    def generic_visit(self, node):
        super().generic_visit(node)
        body = getattr(node, "body", None)
        for at in range(len(body) - 1) if isinstance(body, list) else ():
            one, other = body[at : at + 2]
            both = isinstance(one, ast.Assign) and isinstance(other, ast.Assign)
            if both and not reads(one.targets[0]) & reads(other) and not reads(other.targets[0]) & reads(one):
                body[at : at + 2] = other, one
        return node


class Split(ast.NodeTransformer):
    """The right side of an assignment's or a return's last operation gets a line of its own."""

    def visit_Assign(self, node):
        if not isinstance(node.value, ast.BinOp):
            return node
        part = ast.Assign([ast.Name("part", ast.Store())], node.value.right, lineno=0)
        node.value.right = ast.Name("part", ast.Load())
        return [part, node]

    def visit_Return(self, node):
        if isinstance(node.value, ast.Name):
            return node
        return [
            ast.Assign([ast.Name("end", ast.Store())], node.value, lineno=0),
            ast.Return(ast.Name("end", ast.Load())),
        ]


class Comprehensions(ast.NodeTransformer):
    """A loop that does one thing is a comprehension: of sums where it adds up, else of what it sets."""

    def visit_For(self, node):
        self.generic_visit(node)
        last = node.body[-1]
        loop = [ast.comprehension(node.target, node.iter, [], 0)]
        if len(node.body) > 1:
            return node
        if isinstance(last, ast.AugAssign):
            total = ast.Call(ast.Name("sum", ast.Load()), [ast.GeneratorExp(last.value, loop)], [])
            return ast.AugAssign(last.target, last.op, total)
        if isinstance(last, ast.Expr) and isinstance(last.value, ast.Call) and len(last.value.args) == 1:
            grown = ast.ListComp(last.value.args[0], loop)
            return ast.AugAssign(ast.Name(last.value.func.value.id, ast.Store()), ast.Add(), grown)
        if isinstance(last, ast.Assign):
            last.value = ast.ListComp(last.value, loop)
            return last
        return node


def commented(text: str) -> str:
    """Other comments, other line ends, a docstring."""
    head, *rest = ast.unparse(ast.parse(text)).split("\n")
    lines = [head, '    """Here I do the exercise."""', *(f"{line}  # step {n}\n" for n, line in enumerate(rest))]
    return "\n".join(lines)


def changed(*steps: type[ast.NodeTransformer]):
    def change(text: str) -> str:
        tree = ast.parse(text)
        for step in steps:
            tree = step().visit(tree)
        return ast.unparse(ast.fix_missing_locations(tree))

    return change


DISGUISES = {
    "as it is": lambda text: text,
    "names": changed(Renamed),
    "comments, lay-out": commented,
    "constants": changed(OtherConstants),
    "order of lines": changed(Reordered),
    "split lines": changed(Split),
    "loops to comprehensions": changed(Comprehensions),
    "names, constants, order": changed(Renamed, OtherConstants, Reordered),
    "all of it": lambda text: commented(changed(Comprehensions, Reordered, Split, Renamed, OtherConstants)(text)),
}


class Usual(random.Random):
    """Draws what most do."""

    def choices(self, population, weights=None, **_):
        return [population[0]]

    def random(self):
        return 0.0


def handed_in(work: dict[str, dict[str, str]]) -> dict[str, tuple[list[Answer], list[Answer]]]:
    """A class's answers as `alike` takes them. The instructor's is the usual way."""
    return {
        name: (
            [Answer(student, answers[name]) for student, answers in work.items()],
            [Answer("instructor", write(Hand(Usual(0))))],
        )
        for name, write in EXERCISES.items()
    }
