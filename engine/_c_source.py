"""What mypyc leaves out of its C source: docstrings, memory, a property that stays undeleted."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from pathlib import Path

# What mypyc writes for a function or method, for a class, and for a property.
CALLABLE = re.compile(r'(CPyPy_(\w+),\s*METH_[\w| ]+,\s*PyDoc_STR\(")((?:[^"\\]|\\.)*)("\))')
CLASS = re.compile(r'(CPyType_(\w+)_template_ = \{[^}]*?\.tp_doc = PyDoc_STR\(")([^"]*)("\))')
PROPERTY = re.compile(
    r"(\(getter\)(\w+?)_get_(\w+),\s*\(setter\)\w+,\s*|\(getter\)(\w+?)_get_(\w+),\s*NULL,\s*)NULL"
)

# The size of a Value in its type, whose memory comes from chunks.
SIZE = re.compile(
    r"(static PyTypeObject CPyType_value___Value_template_ = \{[^}]*?)"
    r"(\.tp_basicsize = (sizeof\(\w+\)),)"
)
CHUNKS = r"""static const Py_ssize_t stepgrad_block = \3;
\1\2 .tp_alloc = stepgrad_alloc, .tp_free = stepgrad_free,"""

# The setter of a property, which gets no value when the property is deleted, and would crash.
SETTER = re.compile(r"(PyObject \*value, void \*closure\)\s*\{\s*char retval = 2;)")
REFUSAL = r"""\1
    if (value == NULL) {
        PyErr_SetString(PyExc_AttributeError, "it can be set, but not deleted");
        return -1;
    }"""


def complete(c_source: Path, modules: Iterable[Path]) -> None:
    """Rewrite a C file that mypyc made of some modules with what it leaves out."""
    docs = {key: doc for module in modules for key, doc in _docstrings(module)}
    text = c_source.read_text(encoding="utf-8")

    def appended(match: re.Match[str]) -> str:
        head, key, signature, tail = match.groups()
        return head + signature + _c_string(docs.get(key, "")) + tail

    def inserted(match: re.Match[str]) -> str:
        owner, name = match[2] or match[4], match[3] or match[5]
        doc = docs.get(f"{owner}___{name}")
        return match[0] if doc is None else f'{match[1]}PyDoc_STR("{_c_string(doc)}")'

    text = CALLABLE.sub(appended, text)
    text = CLASS.sub(appended, text)
    text = PROPERTY.sub(inserted, text)
    text = SIZE.sub(CHUNKS, text)
    c_source.write_text(SETTER.sub(REFUSAL, text), encoding="utf-8")


def _docstrings(module: Path) -> Iterable[tuple[str, str]]:
    """Yield the docstrings of a module's classes, functions, methods and properties.

    Each comes with the name that C knows its owner by: ``module___Class___method``.
    """
    scopes: list[tuple[str, ast.Module | ast.ClassDef]] = [
        (module.stem, ast.parse(module.read_text(encoding="utf-8")))
    ]
    for prefix, scope in scopes:  # classes are added while the list is walked
        for node in scope.body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef):
                key = f"{prefix}___{node.name}"
                doc = ast.get_docstring(node)
                if doc and not _is_setter(node):
                    yield key, doc
                if isinstance(node, ast.ClassDef):
                    scopes.append((key, node))


def _is_setter(node: ast.ClassDef | ast.FunctionDef) -> bool:
    return any(isinstance(d, ast.Attribute) and d.attr == "setter" for d in node.decorator_list)


def _c_string(text: str) -> str:
    """Return text as the inside of a C string literal."""
    plain = range(0x20, 0x7F)
    return "".join(
        chr(byte) if byte in plain and byte not in b'"\\?' else f"\\{byte:03o}"
        for byte in text.encode("utf-8")
    )
