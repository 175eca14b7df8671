# C types of `html_walk.py`: see docs/decisions/0006.
cimport cython

from pipelines.html_elements cimport Element, element_of
from pipelines.html_markdown cimport is_special, joined, markdown

cdef int _TEXT, _BREAK, _TEMPLATE
cdef size_t _NUMBERS

@cython.final
@cython.no_gc
@cython.freelist(64)
cdef class Frame:
    cdef public Element element
    cdef public str tag, mark, written
    cdef public dict attributes
    cdef public bint article, breaks, group, inline
    cdef public tuple path

    cpdef str name(self)

@cython.final
@cython.no_gc
@cython.freelist(8)
cdef class Line:
    cdef public list parts, marks, frames
    cdef public Py_ssize_t link_chars, link_end, above, depth, low, breaks, sentence
    cdef public bint new_cell

@cython.final
cdef class Group:
    cdef public str label
    cdef public list blocks, pending
    cdef public Line line
    cdef public Py_ssize_t prose
    cdef public bint article, hidden

@cython.final
cdef class Walk:
    cdef public str url, base
    cdef public bint based
    cdef public list stack, groups, marks, unwritten
    cdef public Py_ssize_t links, articles, hidden, pictures
    cdef public object segments
    cdef public dict screen_reader
    cdef public set placed

    @cython.locals(waiting=list, number=size_t, element=Element, line=Line)
    cpdef list blocks_under(self, root)
    cpdef write(self, list blocks, wanted)
    cdef _element(self, node, Element element)
    cpdef take_base(self, node)
    cdef _streamed(self, template)
    @cython.locals(group=Group)
    cdef Line _line(self)
    cdef _empty(self, Element element)
    @cython.locals(frame=Frame, label=str, line=Line, group=Group, hidden=bint)
    cdef _open(self, node, Element element)
    @cython.locals(frame=Frame, line=Line)
    cdef _close(self)
    @cython.locals(frame=Frame)
    cdef bint _is_inline(self, Element element)
    @cython.locals(element=Element, attributes=dict)
    cdef str _furniture(self, Frame frame)
    cdef bint _is_hidden(self, dict attributes)
    @cython.locals(group=Group, outer=Group, blocks=list)
    cdef _close_group(self, Frame frame)
    @cython.locals(line=Line)
    cdef _open_link(self, Frame frame)
    @cython.locals(line=Line)
    cdef _open_mark(self, Frame frame, str mark)
    @cython.locals(line=Line)
    cdef _close_mark(self, str mark)
    @cython.locals(line=Line)
    cdef _space(self)
    @cython.locals(line=Line)
    cdef _text(self, str text)
    @cython.locals(innermost=Frame)
    cdef _separate(self, Line line)
    @cython.locals(line=Line, group=Group, prose=Py_ssize_t)
    cdef _flush(self)
    @cython.locals(frames=list, own=Py_ssize_t, joined=str, text=str, innermost=Frame, verbatim=bint)
    cdef _block(self, Line line)

@cython.locals(at=Py_ssize_t, frame=Frame)
cdef Py_ssize_t _innermost_block(list frames)

@cython.locals(innermost=Frame, frame=Frame)
cdef tuple _path(list frames)

@cython.locals(frames=list, frame=Frame, first=Frame)
cdef str _row_tag(Line line, Py_ssize_t own)

@cython.locals(names=list, frame=Frame)
cdef list _names(list frames)

@cython.locals(frame=Frame, tag=str)
cdef str _tag(list frames, Py_ssize_t own)

cdef bint _ends_paragraph(str segment)
