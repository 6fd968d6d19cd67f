"""The PyTorch lab: what students may choose freely, and that a mistake in one part costs no other."""

import codecs
import contextlib
import io
import re
import warnings

import matplotlib.pyplot as plt
import numpy as np
import pytest
from catalogue import as_written, exercises_of
from conftest import with_long
from nbgrader.utils import is_grade
from sample_class import LAB, points, solutions, source
from solved_notebook import grade, messages

from gradebox.course.source import exercise_of

pytest.importorskip("torch", reason="the lab needs torch, which is not installed")
EXERCISES = exercises_of("vision_transformer")
CHECKS = {cell.id: cell.source for cell in source(LAB).cells if cell.id.endswith("-check")}
ROUNDS = range(max(len(exercise.mistakes) for exercise in EXERCISES))
HANDED_IN = 3  # rounds of `make test`


@pytest.mark.parametrize("number", with_long(ROUNDS, *ROUNDS[HANDED_IN:]))
def test_a_mistake_in_every_exercise_costs_each_its_own_points_and_gets_its_own_diagnosis(number):
    mistakes = {exercise.name: exercise.mistakes[number % len(exercise.mistakes)] for exercise in EXERCISES}

    graded = grade(LAB, {exercise.name: as_written(LAB, exercise, mistakes[exercise.name]) for exercise in EXERCISES})

    lost = {name for name, mark in graded.marks.items() if not mark and not name.endswith("-check")}
    assert lost == {f"{name}-{part}" for name, mistake in mistakes.items() for part in mistake.costs}
    for exercise in EXERCISES:
        mistake = mistakes[exercise.name]
        for cell, message in messages(graded, exercise.name).items():
            if not cell.endswith("-check"):
                assert mistake.diagnosis in message
            others = [other for other in exercise.mistakes if other is not mistake and other.diagnosis in message]
            assert not others, f"{cell} names {others[0].name}: {message}"
            if cell.endswith("-check") and codecs.encode(mistake.diagnosis, "rot13") in CHECKS[cell]:
                assert message.endswith(f"\nHint: {mistake.diagnosis}")


# Other ways to write it, all of them right.
LOOPS = """def patchify(images, patch_dims):
    h, w = patch_dims
    patches = []
    for top in range(0, images.shape[2], h):
        for left in range(0, images.shape[3], w):
            patch = images[:, :, top:top + h, left:left + w]
            patches.append(patch.permute(0, 2, 3, 1).flatten(1))
    return torch.stack(patches, dim=1)
"""
UNFOLD = """def patchify(images, patch_dims):
    (h, w), C = patch_dims, images.shape[1]
    return images.unfold(2, h, h).unfold(3, w, w).permute(0, 2, 3, 4, 5, 1).flatten(3).flatten(1, 2)
"""
OWN_HEADS = """class MultiHeadSelfAttention(nn.Module):
    def __init__(self, hidden_dim, num_heads):
        super().__init__()
        self.hidden_dim, self.num_heads = hidden_dim, num_heads
        self.softmax = nn.Softmax(dim=-1)
        for name in ("queries", "keys", "values"):
            setattr(self, name, nn.ModuleList())
            for _ in range(num_heads):
                getattr(self, name).append(nn.Linear(hidden_dim, hidden_dim))
        self.output = nn.Linear(hidden_dim * num_heads, hidden_dim)

    def head(self, x, h):
        q, k, v = self.queries[h](x), self.keys[h](x), self.values[h](x)
        return self.softmax(torch.einsum("bnd,bmd->bnm", q, k) / np.sqrt(self.hidden_dim)) @ v

    def forward(self, x):
        return self.output(torch.cat([self.head(x, h) for h in range(self.num_heads)], dim=2))
"""
OTHER_SHAPES = """class PatchEmbedding(nn.Module):
    def __init__(self, num_patches, patch_len, hidden_dim):
        super().__init__()
        self.positions = nn.Parameter(torch.zeros(1, num_patches + 1, hidden_dim))
        self.class_token = nn.Parameter(torch.zeros(1, 1, hidden_dim))
        self.linear = nn.Linear(patch_len, hidden_dim)

    def forward(self, patches):
        tokens = self.linear(patches)
        return torch.cat((self.class_token.expand(tokens.shape[0], -1, -1), tokens), 1) + self.positions
"""
SEQUENTIAL = """class VisionTransformer(nn.Module):
    def __init__(self, img_shape, patch_dims, hidden_dim, num_heads, out_dim, num_encoder_blocks=6):
        super().__init__()
        self.cut = lambda images: patchify(images, patch_dims)
        C, H, W = img_shape
        self.embedding = PatchEmbedding(H * W // (patch_dims[0] * patch_dims[1]), C * patch_dims[0] * patch_dims[1],
                                        hidden_dim)
        self.blocks = nn.Sequential(*(EncoderBlock(hidden_dim, num_heads) for _ in range(num_encoder_blocks)))
        self.head = MLPHead(hidden_dim, out_dim)

    def forward(self, images):
        return self.head(self.blocks(self.embedding(self.cut(images))))
"""
STEP_FIRST = """def train(model, images, labels, epochs, batch_size=64, rate=0.005):
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    criterion = nn.CrossEntropyLoss()
    losses = []
    model.train()
    for epoch in range(epochs):
        for x, y in zip(images.split(batch_size), labels.split(batch_size)):
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            losses.append(loss.detach())
    return losses


torch.manual_seed(1)
tiny = VisionTransformer((1, 16, 16), (4, 4), hidden_dim=16, num_heads=2, out_dim=4, num_encoder_blocks=1)
losses = train(tiny, train_images, train_labels, epochs=6, rate=0.01)
"""


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param(
            {
                "patchify": LOOPS,
                "multi-head-self-attention": OWN_HEADS,
                "patch-embedding": OTHER_SHAPES,
                "vision-transformer": SEQUENTIAL,
                "train": STEP_FIRST,
            },
            id="loops, einsum, other shapes of parameters, nn.Sequential",
        ),
        pytest.param({"patchify": UNFOLD}, id="Tensor.unfold"),
    ],
)
def test_other_right_ways_earn_everything(cells):
    graded = grade(LAB, cells)

    assert {exercise: messages(graded, exercise) for exercise in points(LAB) if messages(graded, exercise)} == {}
    assert sum(graded.marks.values()) == sum(points(LAB).values())


def test_whoever_writes_training_alone_can_train_the_stand_ins():
    graded = grade(LAB, {name: "" for name in solutions(LAB) if name != "train"})

    earned = {exercise_of(name) for name, mark in graded.marks.items() if mark}
    assert earned == {"train"}


# --- what the text after the exercises claims ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def solved():
    """The names that the solved lab leaves behind, and what each cell printed."""
    space, printed = {}, {}
    with plt.ioff(), plt.rc_context({"backend": "agg"}), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that nothing can be shown here
        for cell in source(LAB).cells:
            if cell.cell_type == "code" and not is_grade(cell):
                with contextlib.redirect_stdout(io.StringIO()) as said:
                    exec(cell.source.replace("%matplotlib inline", ""), space)
                printed[cell.id] = said.getvalue()
    plt.close("all")
    return space, printed


def test_the_class_token_looks_at_the_window_and_the_patches_do_not(solved):
    space, printed = solved
    maps, cover = space["attention_of"](space["tiny"], space["test_images"]), space["covered"](space["test_corners"])
    class_token, inside, outside = (int(number) / 100 for number in re.findall(r": (\d+)%\n", printed["look-picture"]))

    assert np.allclose(maps.sum(dim=-1), 1, atol=1e-5)
    for corner, shares in zip(space["test_corners"].tolist(), cover, strict=True):
        pixels = np.zeros((16, 16))
        pixels[corner[0] : corner[0] + 8, corner[1] : corner[1] + 8] = 1
        assert np.allclose(shares, pixels.reshape(4, 4, 4, 4).mean(axis=(1, 3)).ravel())
    assert class_token > 0.4 and 0.2 < inside < 0.3 and 0.2 < outside < 0.33


def test_positions_decide_where_and_not_which(solved):
    space, printed = solved
    which, shuffled, where, without = space["accuracies"].values()
    changes = [float(number) for number in re.findall(r"by up to (\S+)\.", printed["positions-picture"])]

    assert which > 0.9 and which - shuffled < 0.1 and where > 0.75 and 0.15 < without < 0.35
    assert changes[0] > 1 and changes[1] < 1e-5


def test_positions_of_one_quarter_become_similar_if_the_quarter_is_asked_for(solved):
    _, printed = solved
    numbers = re.findall(
        r"average (\S+) for two patches of one quarter, (\S+) for others", printed["similarity-picture"]
    )
    (same_direction, other_direction), (same, other) = [tuple(map(float, pair)) for pair in numbers]

    assert abs(same_direction - other_direction) < 0.15 and same - other > 0.3


def test_shuffling_moves_whole_patches(solved):
    space, _ = solved
    image = space["waves"](1, 1, 16, 16)
    order = [15, *range(1, 15), 0]

    moved = space["shuffled"](image, order)

    assert np.array_equal(moved[0, 0, :4, :4], image[0, 0, 12:, 12:])
    assert np.array_equal(moved[0, 0, 12:, 12:], image[0, 0, :4, :4])
    assert np.array_equal(moved[0, 0, :4, 4:], image[0, 0, :4, 4:])
