"""Products that take bias, ReLU and their gradients along: cuBLASLt's epilogues."""

from __future__ import annotations

from dataclasses import replace

from gradtutor.codegen.gpu.writers import reduced_axes
from gradtutor.codegen.ir.operands import Array, Operand, Value, arrays_read, is_number
from gradtutor.codegen.ir.ops import Op
from gradtutor.codegen.ir.program import Program
from gradtutor.codegen.ir.size import Size


def with_epilogues(program: Program) -> Program:
    """Return the program with ``relu(a @ b + bias)`` and gradients inside products.

    Parameters
    ----------
    program : Program
        Every operation in it writes an array of its own.
    """
    work = _Products(program)
    for product in [op for op in program.ops if op.kind == "matmul"]:
        product = work.take_bias(product)
        work.take_bias_gradient(product)
    for product in [op for op in work.ops if _adds_bias(op)]:
        work.take_relu_gradient(product)
    return program.with_ops(work.ops)


def _adds_bias(op: Op) -> bool:
    """Whether this is ``a @ b + bias`` and nothing more."""
    plain = op.kind == "matmul" and op.options.get("bias") and len(op.outputs) == 1
    return bool(plain and not op.options.get("relu"))


def _is_bare(op: Op) -> bool:
    """Whether this is ``a @ b`` and nothing more."""
    return op.kind == "matmul" and not op.options and len(op.outputs) == 1


class _Products:
    """The operations of a program while products take their readers along."""

    def __init__(self, program: Program) -> None:
        self.kept = program.kept_arrays()
        self.program, self.ops = program, list(program.ops)

    def change(self, old: Op, new: Op, *dropped: Op) -> Op:
        """Put one operation in the place of another, and leave out others."""
        ops = [new if op is old else op for op in self.ops]
        self.ops = [op for op in ops if op not in dropped]
        return new

    # ---- bias, ReLU, the bias's gradient ----

    def take_bias(self, product: Op) -> Op:
        """Let a product add its bias, and cut it off at 0, before it is written."""
        reader = self._only_reader(product)
        if reader is None or reader.kind != "add":
            return product
        bias = next((arg for arg in reader.inputs if not _is(arg, product)), None)
        if bias is None or bias.shape != product.out.shape[1:]:
            return product
        inputs, options = (*product.inputs, bias), {"bias": True}
        new = _writing(replace(product, inputs=inputs, options=options), reader)
        product = self.change(product, new, reader)
        reader = self._only_reader(product)
        if reader is not None and reader.kind == "relu":
            new = _writing(replace(product, options=options | {"relu": True}), reader)
            product = self.change(product, new, reader)
        return product

    def take_bias_gradient(self, product: Op) -> None:
        """Let dW = Xᵀ dz sum up dz over the batch on the way: the bias gradient."""
        if not _is_bare(product):
            return
        for op in self.ops:
            if op.kind != "sum" or reduced_axes(op.options, op.inputs[0].shape) != (0,):
                continue
            if op.inputs[0] != product.inputs[1]:
                continue
            before = self.ops[: self.ops.index(product)]
            if not any(_reads(one, op) for one in before):
                outputs = (product.out, op.out)
                self.change(product, replace(product, outputs=outputs), op)
                return

    def _only_reader(self, made: Op) -> Op | None:
        """Return the one operation that reads what another makes, if it is alone."""
        if made.written[0] in self.kept:
            return None
        readers = [op for op in self.ops if _reads(op, made)]
        if len(readers) != 1 or not any(_is(arg, made) for arg in readers[0].inputs):
            return None
        return readers[0]

    # ---- relu's gradient ----

    def take_relu_gradient(self, product: Op) -> None:
        """Let a product keep a bit for each z >= 0, and later ones choose by it.

        The library's bit is 1 at z = 0: nvmath-python's tests ask that of RELU_AUX, and
        CUTLASS says "Aux(i) = Z(i) >= 0 ? 1 : 0". So relu'(0) = 1, as the tie rules
        right and both have it; by the others a kernel compares h > 0.
        """
        found = self._relu_and_sign(product)
        if found is None:
            return
        relu, sign = found
        choices = [op for op in self.ops if _reads(op, sign)]
        chosen = [self._chosen(choice, sign) for choice in choices]
        rows, columns = product.out.shape[0], product.out.shape[-1]
        if not columns.fixed or None in chosen or not choices:
            return
        name = self.program.name(relu.node)
        shape = (rows, Size(16 * -(-columns.count // 128)))  # it wants rows of 128 bits
        mask = Value(shape, Array(shape, "uint8", name and f"{name}_mask"), relu.node)
        new = _writing(replace(product, kind="matmul_relu", options={}), relu)
        self.change(product, replace(new, outputs=(new.out, mask)), relu, sign)
        for choice, one in zip(choices, chosen, strict=True):
            assert one is not None
            inputs = (*one.inputs, mask)
            new = _writing(replace(one, kind="matmul_where", inputs=inputs), choice)
            self.change(one, new, choice)

    def _relu_and_sign(self, product: Op) -> tuple[Op, Op] | None:
        """Return relu(z) and z >= 0 where they are all that reads a product's z."""
        readers = [op for op in self.ops if _reads(op, product)]
        if sorted(op.kind for op in readers) != ["greater_equal", "relu"]:
            return None
        sign, relu = sorted(readers, key=lambda op: op.kind)
        whole = _is(relu.inputs[0], product) and _is(sign.inputs[0], product)
        kept = {product.written[0], sign.written[0]} & self.kept
        if not whole or kept or len(product.out.shape) != 2:
            return None
        return (relu, sign) if is_number(sign.inputs[1], 0) else None

    def _chosen(self, choice: Op, sign: Op) -> Op | None:
        """Return the product of ``where(sign, a @ b, 0)`` that nothing else reads."""
        if choice.kind != "where" or not _is(choice.inputs[0], sign):
            return None
        if not is_number(choice.inputs[2], 0):
            return None
        for op in self.ops:
            whole = _is_bare(op) and _is(choice.inputs[1], op)
            if whole and self._only_reader(op) is choice:
                return op
        return None


def _is(arg: Operand, op: Op) -> bool:
    """Whether an argument is what an operation writes, in that shape."""
    whole = isinstance(arg, Value) and op.outputs and arg.shape == op.out.shape
    return bool(whole and arrays_read(arg) == [op.written[0]])


def _reads(op: Op, made: Op) -> bool:
    """Whether an operation reads what another makes first."""
    return made.written[0] in op.read


def _writing(product: Op, reader: Op) -> Op:
    """Return a product that writes what its reader wrote."""
    inside = (*product.inside, product.node)
    outputs = (reader.out, *product.outputs[1:])
    return replace(product, outputs=outputs, node=reader.node, inside=inside)
