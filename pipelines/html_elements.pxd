# C types of `html_elements.py`: see docs/decisions/0006.

cdef class Element:
    cdef readonly str tag, label, mark
    cdef readonly int kind
    cdef readonly bint article, block, cell, custom, fallback, gap, invisible, link, base, page_level, paragraph, picture, verbatim

cpdef Element element_of(str tag)
