# C types of `html_markdown.py`: see docs/decisions/0006.
cimport cython

cpdef str joined(str base, str href)
cpdef str safe_link(str href, str base)
@cython.locals(writer=_Markdown, at=Py_ssize_t, index=Py_ssize_t)
cpdef str markdown(list parts, list given, str text, str base)
cpdef bint is_special(str text)
cdef bint _is_one_link(list marks, Py_ssize_t size)

@cython.final
cdef class _Markdown:
    cdef public str base
    cdef public list out, opening, open, ends
    cdef public bint space
    cdef public int links

    cpdef mark(self, bint opens, str mark)
    @cython.locals(folded=str)
    cpdef words(self, str part)
    cpdef str finish(self)
    cpdef _begin(self, str mark)
    cpdef _end(self)
