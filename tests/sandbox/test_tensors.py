"""Torch's tensors on their way between the student's process and the judge's."""

import pytest

from gradebox.sandbox.values import CannotCross, pack, unpack

torch = pytest.importorskip("torch")


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16, torch.int64, torch.bool])
def test_tensors_arrive_equal(dtype):
    for tensor in (
        torch.arange(6).reshape(2, 3).T.to(dtype),
        torch.ones((), dtype=dtype),
        torch.empty(0, 3, dtype=dtype),
    ):
        arrived = unpack(pack(tensor))
        assert arrived.dtype == tensor.dtype
        assert torch.equal(arrived, tensor)


def test_parameters_still_ask_for_gradients():
    assert unpack(pack(torch.nn.Parameter(torch.ones(2)))).requires_grad


def test_sparse_and_large_tensors_do_not_cross():
    for value in (torch.ones(2).to_sparse(), torch.zeros(10**6)):
        with pytest.raises(CannotCross):
            pack(value, max_bytes=10**5)
