"""Slopes by the chain rule, one number at a time: autograd, small enough to read.

Built in notebook 10, with the cost of one cell of binary cross-entropy as its example. torch's
autograd does the same with tensors.
"""

import math
from dataclasses import dataclass


@dataclass(eq=False)  # two numbers of equal value are still two places in the graph
class Scalar:
    """A number that remembers what it was computed from.

    name: of the operation, or of an input. parents: the numbers that it was computed from;
    slopes: how fast it changes with each of them. grad: the slope of the final result with
    respect to this number, which `backward` fills in. Built in notebook 10.
    """

    value: float
    name: str = ""
    parents: tuple = ()
    slopes: tuple = ()
    grad: float = 0.0

    def __add__(self, other: "Scalar") -> "Scalar":
        return Scalar(self.value + other.value, "+", (self, other), (1.0, 1.0))

    def __mul__(self, other: "Scalar") -> "Scalar":
        return Scalar(self.value * other.value, "×", (self, other), (other.value, self.value))

    def __neg__(self) -> "Scalar":
        return Scalar(-self.value, "−", (self,), (-1.0,))


def exp(x: Scalar) -> Scalar:
    """e to the power of x; its slope is the result itself. Built in notebook 10."""
    y = math.exp(x.value)
    return Scalar(y, "exp", (x,), (y,))


def log(x: Scalar) -> Scalar:
    """The natural logarithm; ValueError unless x is above 0. Built in notebook 10."""
    return Scalar(math.log(x.value), "log", (x,), (1 / x.value,))


def inverse(x: Scalar) -> Scalar:
    """1 / x; ZeroDivisionError at 0. Built in notebook 10."""
    y = 1 / x.value
    return Scalar(y, "1 / ·", (x,), (-y * y,))


def in_order(result: Scalar) -> list[Scalar]:
    """Every number that the result was computed from, parents first. Built in notebook 10."""
    order, seen = [], set()

    def visit(node):
        if node not in seen:
            seen.add(node)
            for parent in node.parents:
                visit(parent)
            order.append(node)

    visit(result)
    return order


def backward(result: Scalar) -> None:
    """Write into every number's grad how fast the result changes with it.

    The chain rule, from the result back to the inputs; where a number was used twice, both
    ways add up. Once for each graph, since grads are added to. Built in notebook 10.
    """
    result.grad = 1.0
    for node in reversed(in_order(result)):
        for parent, slope in zip(node.parents, node.slopes, strict=True):
            parent.grad += slope * node.grad


def cell_cost(logit: Scalar, there: bool, swapped: bool = False) -> Scalar:
    """The cost of one cell as the chapter writes it: −log p, or −log(1 − p) of what is absent.

    swapped: the printed bug, with the two cases exchanged. Not for large logits: p becomes
    exactly 0 or 1 in the end. Built in notebook 10.
    """
    p = inverse(Scalar(1.0, "1") + exp(-logit))
    right = p if there != swapped else Scalar(1.0, "1") + -p
    return -log(right)


def stable_cell_cost(logit: Scalar, there: bool) -> Scalar:
    """The same cost for logits of any size: log(1 + e^z), without an exponent above 0.

    Built in notebook 10.
    """
    z = -logit if there else logit
    wrong = z.value > 0
    tail = log(Scalar(1.0, "1") + exp(-z if wrong else z))
    return z + tail if wrong else tail
