"""Many arrays and numbers as one argument of a kernel: a table of addresses, sizes and numbers, read by name.

A named tuple of thirty arrays goes into compiled code as some two hundred numbers, again at every call, and each function
counts its references; that, not the model, took most of the time to compile. A view is one pointer. In a kernel ``w.building``
is the array itself: nothing is copied, and nothing else changes in how kernels are written.
"""

# mypy: disable-error-code="no-untyped-call, override"
from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.typing.templates import AttributeTemplate
from numba.extending import (
    NativeValue,
    infer_getattr,
    lower_getattr_generic,
    models,
    register_model,
    typeof_impl,
    unbox,
)
from numba.np.arrayobj import populate_array
from numba.np.numpy_support import from_dtype


class ViewType(types.Type):
    """What a kernel sees: the type of each field and its place in the table."""

    def __init__(self, title: str, fields: tuple[tuple[str, Any, int], ...], stamp: str) -> None:
        self.fields = {name: (kind, place) for name, kind, place in fields}
        digest = hashlib.sha256(repr(fields).encode()).hexdigest()[:12]
        # Short: the name goes into that of every compiled function.
        super().__init__(f"View({title} {digest} {stamp})")


class View:
    """A named tuple of arrays, numbers and further named tuples, or a record of numbers, as kernels take it.

    The view holds on to what it was made of. Arrays are read and written where they are; numbers are copied.

    Parameters
    ----------
    held
        C-contiguous arrays, numbers (read as float64), named tuples of such; or one record of float64.
    stamp
        Becomes part of the type: code that was compiled and kept under another stamp is not used.

    Raises
    ------
    TypeError
        For an array that is not C-contiguous.
    """

    def __init__(self, held: Any, stamp: str) -> None:
        self.held = held
        self.parts: list[View] = []
        record = isinstance(held, np.void)
        title = "record" if record else type(held).__name__
        names = held.dtype.names if record else held._fields
        table: list[int] = []
        fields: list[tuple[str, Any, int]] = []
        for name, value in zip(names, held.item() if record else held, strict=True):
            place = len(table)
            if isinstance(value, np.ndarray):
                if not value.flags.c_contiguous:
                    raise TypeError(f"{title}.{name} is not C-contiguous")
                kind: Any = types.Array(from_dtype(value.dtype), value.ndim, "C")
                table += [value.ctypes.data, *value.shape]
            elif isinstance(value, tuple):
                part = View(value, stamp)
                self.parts.append(part)
                kind = part.kind
                table.append(part.address)
            else:
                kind = types.float64
                table.append(int(np.float64(value).view(np.int64)))
            fields.append((name, kind, place))
        self.table = np.array(table, np.int64)
        self.address: int = self.table.ctypes.data
        self.kind: ViewType = ViewType(title, tuple(fields), stamp)


@typeof_impl.register(View)
def _typeof(view: View, _context: Any) -> ViewType:
    return view.kind


_WORD = ir.IntType(64)


@register_model(ViewType)
class _Model(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, kind: ViewType) -> None:
        super().__init__(manager, kind, _WORD.as_pointer())


@unbox(ViewType)
def _unbox(_kind: ViewType, value: Any, c: Any) -> NativeValue:
    number = c.pyapi.object_getattr_string(value, "address")
    address = c.pyapi.long_as_ulonglong(number)
    c.pyapi.decref(number)
    return NativeValue(c.builder.inttoptr(address, _WORD.as_pointer()), is_error=c.pyapi.c_api_error())


@infer_getattr
class _Attributes(AttributeTemplate):  # type: ignore[misc]
    key = ViewType

    def generic_resolve(self, kind: ViewType, name: str) -> Any:
        return kind.fields[name][0] if name in kind.fields else None


@lower_getattr_generic(ViewType)
def _read(context: Any, builder: Any, kind: ViewType, table: Any, name: str) -> Any:
    """Read a field; what the table says never changes during a run, so loops may keep it in registers."""
    field, place = kind.fields[name]

    def word(k: int) -> Any:
        loaded = builder.load(builder.gep(table, [_WORD(k)]))
        loaded.set_metadata("invariant.load", builder.module.add_metadata([]))
        return loaded

    if isinstance(field, ViewType):
        return builder.inttoptr(word(place), _WORD.as_pointer())
    if not isinstance(field, types.Array):
        return builder.bitcast(word(place), ir.DoubleType())
    array = context.make_array(field)(context, builder)
    size = context.get_abi_sizeof(context.get_data_type(field.dtype))
    shape = [word(place + 1 + k) for k in range(field.ndim)]
    strides = [_WORD(size)]
    for length in reversed(shape[1:]):
        strides.insert(0, builder.mul(strides[0], length))
    data = builder.inttoptr(word(place), array.data.type)
    populate_array(array, data, cgutils.pack_array(builder, shape, _WORD), strides, size, None)
    return array._getvalue()
