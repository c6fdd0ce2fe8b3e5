"""Check the docstrings of public names with numpydoc: python scripts/docstrings.py.

Everything public has one, in numpydoc's form, says nothing about parameters that are not there, and
names the errors that it raises itself. The functions of a room's door (`DOORS`), which other rooms
call, must also give every parameter and what is returned: that is where shapes, units and
coordinate systems are said.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from numpydoc.hooks.validate_docstrings import AstValidator
from numpydoc.validate import validate

ROOT = Path(__file__).resolve().parent.parent
DOORS = (
    "jxgis/crs.py",
    "jxgis/datum.py",
    "jxgis/kernels/discs.py",
    "jxgis/layers.py",
    "jxgis/publish/site.py",
    "jxgis/shift.py",
    "jxgis/sources/__init__.py",
    "jxgis/transit/coverage.py",
)

EVERYWHERE = {
    "GL06": "unknown section",
    "GL07": "sections in order",
    "GL08": "a docstring",
    "SS01": "a summary",
    "SS03": "a full stop after the summary",
    "PR02": "parameters that exist",
    "PR03": "parameters in order",
}
# and at the doors: PR01 every parameter, RT01 what is returned
Definition = ast.ClassDef | ast.FunctionDef


def main() -> int:
    """Print what is wrong with each public docstring of the package."""
    found = [p for path in sorted((ROOT / "jxgis").rglob("*.py")) for p in problems(path)]
    print("\n".join(found) or "Public docstrings are in order.")
    return 1 if found else 0


def problems(path: Path) -> Iterator[str]:
    """Give a line for each fault in one file's public docstrings."""
    module = ast.parse(path.read_text(encoding="utf-8"))
    place = path.relative_to(ROOT).as_posix()
    for node, ancestry in public(module, [module]):
        asked = set(EVERYWHERE)
        if has_parameters(node):
            asked.add("PR01")
        if place in DOORS and isinstance(node, ast.FunctionDef) and ancestry == [module]:
            asked |= {"PR01"} if node.args.args else set()
            asked |= set() if says_what_it_returns(node) else {"RT01"}
        report = validate(node.name, AstValidator, ast_node=node, filename=path, ancestry=ancestry)
        for check, sentence in report["errors"]:
            if check in asked:
                yield f"{place}:{node.lineno}: {node.name}: {check} {sentence}"
        for error in sorted(raised(node) - words(node)):
            yield f"{place}:{node.lineno}: {node.name}: does not say that it raises {error}"


def public(parent: ast.AST, ancestry: list[ast.AST]) -> Iterator[tuple[Definition, list[ast.AST]]]:
    """Give the public classes, functions and methods below a node, with what they are in."""
    for node in ast.iter_child_nodes(parent):
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_"):
            yield node, ancestry
            if isinstance(node, ast.ClassDef):
                yield from public(node, [*ancestry, node])


def raised(node: Definition) -> set[str]:
    """Return the names of the errors that a function raises by itself."""
    if isinstance(node, ast.ClassDef):
        return set()
    return {
        each.exc.func.id
        for each in ast.walk(node)
        if isinstance(each, ast.Raise)
        and isinstance(each.exc, ast.Call)
        and isinstance(each.exc.func, ast.Name)
        and each.exc.func.id.endswith(("Error", "Errors"))
    }


def words(node: Definition) -> set[str]:
    """Return the words of the docstring."""
    return set(re.findall(r"\w+", ast.get_docstring(node) or ""))


def says_what_it_returns(node: Definition) -> bool:
    """Return whether the summary itself says what is returned."""
    return (ast.get_docstring(node) or "").startswith("Return ")


def has_parameters(node: Definition) -> bool:
    """Return whether the docstring has a section of parameters."""
    return "Parameters\n" in (ast.get_docstring(node) or "")


if __name__ == "__main__":
    sys.exit(main())
