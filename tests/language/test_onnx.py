"""Forward values against the node tests that the ONNX project publishes.

Every unexpanded test of the operators in ``READERS`` runs through our own graph, or
stands in ``NOT_OURS`` with the reason.
"""

from __future__ import annotations

import warnings
from fnmatch import fnmatch

import numpy as np
import onnx
import pytest
from onnx.backend.test.loader import load_model_tests
from onnx_readers import READERS, Bench

AT_LEAST = 205

#: Published tests that do not apply, and why. A pattern may stand for several.
NOT_OURS = {
    "test_*pool_*ceil*": "ceil_mode: our windows never begin outside the padded input",
    "test_averagepool_2d_dilations": "ceil_mode",
    "test_*pool_2d_pads*": "padding of 2 for a kernel of 3: ours is at most half of it",
    "test_*pool_3d*": "our windows are 1-D and 2-D",
    "test_convtranspose_3d": "our windows are 1-D and 2-D",
    "test_col2im_5d": "our windows are 1-D and 2-D",
    "test_einsum_batch_diagonal": "a letter twice in one operand, and an ellipsis",
    "test_einsum_*_bfloat16": "rounded to 8 bits",
    "test_gelu_tanh_*": "the approximation by tanh; ours is exact",
    "test_gather_negative_indices": "our indices are labels: from 0 on",
    "test_matmul_bcast": "batches that broadcast; einsum has no such letters",
    "test_matmul_1d_3d": "a vector with a batch of matrices",
    "test_matmul_4d_1d": "a batch of matrices with a vector",
    "test_onehot*": "on and off values; ours are 1 and 0",
    "test_edge_pad": "pads with copies of the edge; ours pads with one number",
    "test_reflect_pad": "pads with a reflection",
    "test_wrap_pad": "pads with the other side",
    "test_reduce_log_sum_exp_empty_set": "a size of 0; ours are positive",
    "test_reshape_allowzero_reordered": "a size of 0",
    "test_slice_start_out_of_bounds": "an empty slice; our sizes are positive",
    "test_slice_neg_steps": "a step backwards; ours is flip, then slice",
    "test_sce_none*": "one loss a row; ours is the mean, a single number",
    "test_*_none_no_weight*": "one loss a row",
    "test_nllloss_NC": "one loss a row",
    "test_nllloss_NCd1d2": "one loss a row",
    "test_nllloss_*weight*": "class weights, or an ignored label",
    "test_sce_*_weight*": "class weights, or an ignored label",
    "test_*_ii*": "an ignored label",
}


def published():
    """Return ONNX's tests of a single node whose operator we read, by name."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its own casts overflow on purpose
        tests = load_model_tests(kind="node")
    return {
        test.name: test
        for test in tests
        if "_expanded" not in test.name
        and test.model.graph.node[0].op_type in READERS
        and test.model.graph.node[0].domain == ""
    }


def reason(name):
    """Return why a test does not apply; empty when it does."""
    return next((why for key, why in NOT_OURS.items() if fnmatch(name, key)), "")


PUBLISHED = published()
APPLICABLE = [name for name in PUBLISHED if not reason(name)]


def test_enough_published_tests_run_and_every_reason_is_of_use():
    assert len(APPLICABLE) >= AT_LEAST, len(APPLICABLE)
    skipped = set(PUBLISHED) - set(APPLICABLE)
    idle = {p for p in NOT_OURS if not any(fnmatch(name, p) for name in skipped)}
    assert not idle, f"no published test is skipped by {idle}"
    operators = {PUBLISHED[name].model.graph.node[0].op_type for name in APPLICABLE}
    assert operators == {name for name, reader in READERS.items() if reader}


@pytest.mark.parametrize("name", APPLICABLE)
def test_the_published_value_comes_out(name):
    test = PUBLISHED[name]
    (node,) = test.model.graph.node
    attrs = {one.name: onnx.helper.get_attribute_value(one) for one in node.attribute}
    for inputs, outputs in test.data_sets:
        ours = READERS[node.op_type](Bench(attrs, inputs, outputs[0]))
        assert ours.shape == outputs[0].shape
        np.testing.assert_allclose(ours, outputs[0], rtol=2e-5, atol=2e-6)
