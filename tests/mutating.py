"""Makes mutants of a function: each differs in one operator, comparison, constant or step."""

import ast
import copy
import inspect
import textwrap

SWAPS = {
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div, ast.Add),
    ast.Div: (ast.FloorDiv, ast.Mult),
    ast.FloorDiv: (ast.Div, ast.Mult),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
}


def mutants(function):
    """Pairs of "what was -> what is" and the changed function."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    nodes = list(ast.walk(tree))
    for number, node in enumerate(nodes):
        for new in changes(node):
            changed = copy.deepcopy(tree)
            twin = list(ast.walk(changed))[number]
            replaced = Replace(twin, new).visit(changed)
            space = dict(function.__globals__)
            try:
                code = compile(ast.fix_missing_locations(replaced), "mutant", "exec")
            except SyntaxError:  # *(…) may not stand everywhere
                continue
            exec(code, space)
            yield f"{ast.unparse(node)} -> {ast.unparse(new)}", space[function.__name__]


class Replace(ast.NodeTransformer):
    """Puts another node in the place of one."""

    def __init__(self, old, new):
        self.old, self.new = old, new

    def visit(self, node):
        return self.new if node is self.old else super().visit(node)


def changes(node):
    """The nodes that may stand in the place of this one."""
    if isinstance(node, ast.Compare):
        for number, operator in enumerate(node.ops):
            for other in SWAPS[type(operator)]:
                ops = [*node.ops[:number], other(), *node.ops[number + 1 :]]
                yield ast.Compare(node.left, ops, node.comparators)
    elif isinstance(node, ast.BinOp):
        for other in SWAPS.get(type(node.op), ()):
            yield ast.BinOp(node.left, other(), node.right)
    elif isinstance(node, ast.AugAssign):
        for other in SWAPS.get(type(node.op), ()):
            yield ast.AugAssign(node.target, other(), node.value)
    elif isinstance(node, ast.BoolOp):
        for other in SWAPS[type(node.op)]:
            yield ast.BoolOp(other(), node.values)
    elif isinstance(node, ast.UnaryOp):
        yield node.operand
    elif isinstance(node, ast.IfExp):
        yield node.body
        yield node.orelse
    elif isinstance(node, ast.Slice):
        parts = [part for part in ("lower", "upper", "step") if getattr(node, part)]
        yield from (without(node, part) for part in parts)
    elif isinstance(node, ast.comprehension):
        yield from (without(node, "ifs", number) for number in range(len(node.ifs)))
    elif isinstance(node, ast.Call):
        yield from (without(node, "keywords", number) for number in range(len(node.keywords)))
        if isinstance(node.func, ast.Attribute):
            yield node.func.value
        yield from (one for one in node.args if not isinstance(one, ast.Starred))
    elif isinstance(node, ast.AugAssign | ast.Assign | ast.Expr):
        yield ast.Pass()
    elif isinstance(node, ast.Constant):
        for other in constants(node.value):
            yield ast.Constant(other)


def without(node, part, number=None):
    """The node without one of its parts."""
    found = copy.copy(node)
    rest = getattr(node, part)
    setattr(found, part, None if number is None else rest[:number] + rest[number + 1 :])
    return found


def constants(value):
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int | float):
        return [value + 1, value - 1]
    return [value + "x", ""] if isinstance(value, str) else []
