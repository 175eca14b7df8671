# Twins of functions in this package, for a compiler: see compiled.py and docs/decisions/0006.
# Each gives the numbers that the function of its name gives, in the same order of operations.
# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False

from libc.stdint cimport int64_t, uint8_t, uint32_t

import numpy as np

from cpython.unicode cimport PyUnicode_DATA, PyUnicode_KIND, PyUnicode_READ

cdef double DRAWN = 0.5

cdef enum:
    OTHER, LOWER, UPPER, CASELESS, CJK, DIGIT, SPACE, STOP, COMMA, QUOTE, BAR, COLON, BRACKET, DASH, SYMBOL
    CLASSES = 16
    BEYOND = 0x10000
    HEAD = 480
    TAIL = 48
    WHOLE_LINE = 6
    WORD_BY_WORD = 14
    FOLDED = 24
    BUCKETS = 1 << 16
    CONTENT = 4
    PROSE = 18
    MANY = 4000
    NAME_CHARS = 160
    LONGEST = 6
    SHORT_WORDS = 24
    CREDIT_CHARS = 160
    HELD_WORDS = 30
    PIECE = 5


# -- features.py

def since(mark):
    cdef const uint8_t[:] marked = np.asarray(mark, dtype=bool).view(np.uint8)
    cdef Py_ssize_t n = marked.shape[0], at, last = -1000
    out = np.empty(n, dtype=np.float32)
    cdef float[::1] distance = out
    for at in range(n):
        distance[at] = min(at - last, 50)
        if marked[at]:
            last = at
    return out


def window(values, Py_ssize_t reach):
    cdef const double[:] given = np.asarray(values, dtype=np.float64)
    cdef Py_ssize_t n = given.shape[0], at, low, high
    cdef double[::1] total = np.empty(n + 1)
    out = np.empty(n, dtype=np.float32)
    cdef float[::1] mean = out
    total[0] = 0
    for at in range(n):
        total[at + 1] = total[at] + given[at]
    for at in range(n):
        low, high = max(at - reach, 0), min(at + reach + 1, n)
        mean[at] = <float> ((total[high] - total[low]) / (high - low))
    return out


def densest(score):
    cdef const double[:] given = np.asarray(score, dtype=np.float64)
    cdef Py_ssize_t n = given.shape[0], at, start = 0, end = 0, lowest_at = 0
    cdef double total = 0, lowest = 0, best = 0
    for at in range(n):
        # `total` is the sum before this block: the stretch may begin here.
        if total <= lowest:
            lowest, lowest_at = total, at
        total += given[at]
        if at == 0 or total - lowest > best:
            best, start, end = total - lowest, lowest_at, at
    return start, end


cdef void distances(const uint8_t[::1] mark, float[:] ahead, float[:] behind):
    """What `since` and `until` give."""
    cdef Py_ssize_t n = mark.shape[0], at, last = -1000
    for at in range(n):
        ahead[at] = min(at - last, <Py_ssize_t> 50)
        if mark[at]:
            last = at
    last = n + 1000
    for at in range(n - 1, -1, -1):
        behind[at] = min(last - at, <Py_ssize_t> 50)
        if mark[at]:
            last = at


cdef void means(const double[::1] total, Py_ssize_t reach, float[:] mean):
    """What `window` gives; `total` are the sums before each block, and of all."""
    cdef Py_ssize_t n = mean.shape[0], at, low, high
    for at in range(n):
        low, high = max(at - reach, <Py_ssize_t> 0), min(at + reach + 1, n)
        mean[at] = <float> ((total[high] - total[low]) / (high - low))


cdef void shifted(const float[::1] values, Py_ssize_t step, float fill, float[:] out):
    cdef Py_ssize_t n = values.shape[0], at
    for at in range(n):
        out[at] = values[at + step] if 0 <= at + step < n else fill


def placed(
    const float[::1] prose, const float[::1] hint, const float[::1] words, const float[::1] size,
    const float[::1] stops, const float[::1] closed, double total, double middle,
):
    cdef Py_ssize_t n = prose.shape[0], at, row, start, end, step, reach, count = 0
    cdef float whole = 0, low = 0, ahead, rest = <float> (total - 1), edge, cost
    cdef double[:, ::1] sums = np.zeros((3, n + 1))
    cdef double[::1] score = np.empty(n)
    cdef uint8_t[:, ::1] marks = np.empty((3, n), dtype=np.uint8)
    out = np.empty((53, n), dtype=np.float32)
    cdef float[:, ::1] found = out
    for at in range(n):
        whole += prose[at]
        ahead = whole - prose[at]
        found[0, at], found[1, at], found[2, at] = at, n - 1 - at, ahead
        found[3, at] = max(<float> (<float> (rest - ahead) - prose[at]), <float> 0)
        found[4, at] = <float> at / <float> max(n - 1, <Py_ssize_t> 1)
        found[5, at] = ahead / <float> total
        found[8, at] = <float> (<float> at - <float> middle) / <float> n
        sums[0, at + 1] = sums[0, at] + min(prose[at], <float> 60)
        sums[1, at + 1] = sums[1, at] + size[at]
        sums[2, at + 1] = sums[2, at] + hint[at]
        marks[0, at], marks[1, at] = prose[at] >= PROSE, hint[at] < <float> -1.2
        marks[2, at] = words[at] <= 12
    distances(marks[0], found[6], found[7])
    row = 9
    for reach in (2, 5, 12):
        for step in range(3):
            means(sums[step], reach, found[row])
            row += 1
    for cost in (8.0, 25.0):
        for at in range(n):
            score[at] = <float> (min(prose[at], <float> 80) - cost)
        start, end = densest(score)
        for at in range(n):
            edge = <float> at - <float> start
            found[row, at] = max(min(edge, <float> 40), <float> -40)
            edge = <float> at - <float> end
            found[row + 1, at] = max(min(edge, <float> 40), <float> -40)
        row += 2
    for step in (-3, -2, -1, 1, 2, 3):
        shifted(size, step, -1, found[row])
        shifted(hint, step, 0, found[row + 1])
        row += 2
        if -3 < step < 3:
            shifted(prose, step, -1, found[row])
            shifted(closed, step, -1, found[row + 1])
            shifted(stops, step, -1, found[row + 2])
            row += 3
    distances(marks[1], found[row], found[row + 1])
    distances(marks[2], found[row + 3], found[row + 4])
    for at in range(n):
        if marks[0, at]:
            low = 0
        found[row + 2, at] = low
        if marks[2, at]:
            low = min(low, hint[at])
        found[row + 5, at] = count
        count += marks[1, at]
    for at in range(n):
        found[row + 6, at] = count - found[row + 5, at] - marks[1, at]
    return out


def running_low(values, section):
    cdef const float[:] given = np.asarray(values, dtype=np.float32)
    cdef const int64_t[:] part = np.asarray(section, dtype=np.int64)
    cdef Py_ssize_t n = given.shape[0], at
    cdef int64_t current = -1
    cdef float low = 0
    out = np.empty(n, dtype=np.float32)
    cdef float[::1] lows = out
    for at in range(n):
        if part[at] != current:
            low, current = 0, part[at]
        lows[at] = low
        low = min(low, given[at])
    return out


cdef list content_of(list tokens):
    cdef list found = []
    cdef str token, text
    cdef Py_ssize_t at
    if not tokens:
        return found
    token = tokens[0]
    if len(token) > 12 and token[0] > 0x2E80:
        text = "".join(tokens[:40])
        for at in range(min(len(text) - 1, 60)):
            found.append(text[at:at + 2])
        return found
    for at in range(min(len(tokens), 40)):
        token = tokens[at]
        if len(token) >= CONTENT and not ((<Py_UCS4> token[0]).isdigit() and token.isdigit()):
            found.append(token)
    return found


def related(list tokens, list firm):
    cdef Py_ssize_t n = len(tokens), i, at = 0, size, hits
    cdef list content = [], lines = [], words
    cdef dict core = {}, held = {}, seen = {}, total = {}
    cdef set known, others = set(), asked
    cdef str word, line, whole
    cdef bint alone
    out = np.zeros((6, n), dtype=np.float32)
    cdef float[:, ::1] found = out
    for i in range(n):
        words = content_of(tokens[i])
        content.append(words)
        if firm[i]:
            for word in set(words):
                core[word] = core.get(word, 0) + 1
    known = set(core)
    for word, times in core.items():
        if times > 1:  # a paragraph's own words are no news to it
            others.add(word)
    for i in range(n):
        words = content[i]
        size = len(words)
        if size:
            asked = others if firm[i] else known
            hits = 0
            for word in words:
                hits += word in asked
            found[0, i] = <float> (<double> hits / size)
            found[1, i] = min(size, 20)
    for i in range(n):
        words = tokens[i]
        line = " ".join(words)
        lines.append(line)
        total[line] = total.get(line, 0) + 1
        for word in words:
            if word not in held:
                held[word] = True  # once so far
            elif held[word]:
                held[word] = False
    whole = "\n".join(lines)
    for i in range(n):
        line, words = lines[i], tokens[i]
        hits = seen.get(line, 0)
        found[2, i], found[3, i] = min(hits, 5), min(<Py_ssize_t> total[line] - hits - 1, 5)
        seen[line] = hits + 1
        size = len(words)
        if n <= MANY and (2 < size <= 40 or len(line) > 16):
            alone = False
            for hits in range(1, size - 1):
                if held[words[hits]]:
                    alone = True
                    break
            if not alone:
                found[4, i] = whole.find(line, 0, at) >= 0
                found[5, i] = whole.find(line, at + len(line)) >= 0
        at += len(line) + 1
    return out[0], out[1], out[2], out[3], out[4], out[5]


def overlapping(list lines, frozenset wanted):
    cdef Py_ssize_t n = len(lines), i, at, size
    cdef list tokens
    cdef set seen
    cdef str word
    cdef float all_ = len(wanted), held
    out = np.full((2, n), -1, dtype=np.float32)
    cdef float[:, ::1] found = out
    if not wanted:
        return out
    for i in range(n):
        tokens = lines[i]
        size = min(len(tokens), <Py_ssize_t> HELD_WORDS)
        if not size:
            continue
        seen = None
        for at in range(size):
            word = tokens[at]
            if word in wanted:
                if seen is None:
                    seen = set()
                seen.add(word)
        held = 0 if seen is None else len(seen)
        found[0, i], found[1, i] = held / all_, held / <float> size
    return out


# -- markup.py

def numbered(paths, tuple steps):
    cdef Py_ssize_t n = len(paths), total = n, i, at, shared, most, size, first, seen = 0, node
    cdef Py_ssize_t begin = 0, before_begin = 0
    cdef list parent = [0], names = [""], articles = [0], ranks = [0], inside = [None]
    cdef dict signatures = {}, places = {}, children
    cdef tuple path, before = ()
    cdef str name
    for path in paths:
        total += len(path)
    above_ = np.empty((n, len(steps)), dtype=np.int64)
    leaf_, signature_, depth_ = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    flat_, sizes_ = np.empty(total, dtype=np.int64), np.empty(n, dtype=np.int64)
    cdef const int64_t[::1] outwards = np.array(steps, dtype=np.int64)
    cdef int64_t[:, ::1] above = above_
    cdef int64_t[::1] leaf = leaf_, signature = signature_, depth = depth_, flat = flat_, sizes = sizes_
    for i in range(n):
        path = paths[i]
        size = len(path) + 1
        known = places.get(path)
        if known is not None:
            first = known
            for at in range(size):
                flat[begin + at] = flat[first + at]
        else:
            most, shared = min(len(path), len(before)), 0
            while shared < most and path[shared] == before[shared]:
                shared += 1
            flat[begin] = 0
            for at in range(1, shared + 1):
                flat[begin + at] = flat[before_begin + at]
            node = flat[begin + shared]
            for at in range(shared, size - 1):
                name = path[at]
                if inside[node] is None:
                    inside[node] = {}
                children = inside[node]
                found = children.get(name)
                if found is None:
                    found = len(parent)
                    children[name] = found
                    inside.append(None)
                    parent.append(node)
                    names.append(name)
                    if name.startswith("article") and name[7:8] in ("", ".", "#", ">"):
                        seen += 1
                        articles.append(found)
                        ranks.append(seen)
                    else:
                        articles.append(articles[node])
                        ranks.append(ranks[node])
                node = found
                flat[begin + at + 1] = node
            places[path] = begin
        before, before_begin = path, begin
        leaf[i], depth[i], sizes[i] = flat[begin + size - 1], size - 1, size
        for at in range(outwards.shape[0]):
            above[i, at] = flat[begin + max(size - 1 - outwards[at], <Py_ssize_t> 0)]
        name = path[size - 2] if size > 1 else ""
        found = signatures.get(name)
        if found is None:
            found = signatures[name] = len(signatures)
        signature[i] = found
        begin += size
    return (
        names, np.array(parent, dtype=np.int64), np.array(articles, dtype=np.int64),
        np.array(ranks, dtype=np.int64), above_, leaf_, signature_, depth_, flat_, sizes_,
    )


# Pages of a site repeat the names of their containers, and all pages the commonest of them: what was read of
# each name and of each part of one is kept, by the tables that said it.
cdef dict NAMES = {}, PIECES = {}


cdef dict kept_of(dict kept, tables):
    found = kept.get(id(tables))
    if found is None or len(<dict> found) > 20_000:
        found = kept[id(tables)] = {}
    return found


def named(names, tables):
    cdef dict codes = tables.codes, bits = tables.bits, known = kept_of(NAMES, tables)
    cdef Py_ssize_t n = len(names), node
    cdef list own = [], inside = []
    cdef tuple entry
    starts_, label_ = np.zeros(n + 1, dtype=np.int64), np.zeros(n, dtype=np.int64)
    tag_, within_ = np.zeros(n, dtype=np.float32), np.zeros(n, dtype=np.int64)
    cdef int64_t[::1] starts = starts_, label = label_, within = within_
    cdef float[::1] code = tag_
    reading = None
    for node in range(n):
        told = known.get(names[node])
        if told is None:
            if reading is None:
                reading = Reading(tables)
            told = known[names[node]] = (<Reading> reading).name(names[node])
        entry = told
        own.extend(<tuple> entry[0])
        inside.extend(<tuple> entry[1])
        starts[node + 1] = len(own)
        code[node], within[node], label[node] = entry[2], entry[3], entry[4]
    return (
        np.array(own, dtype=np.int64), np.array(inside, dtype=np.int64), starts_, label_, tag_, within_,
    )


cdef class Reading:
    """Reads names by the tables."""

    cdef dict codes, bits, elements, roles, labels, pieces
    cdef set firsts
    cdef Py_ssize_t longest
    cdef uint32_t own, inside

    def __init__(self, tables):
        self.codes, self.bits, self.elements = tables.codes, tables.bits, tables.elements
        self.roles, self.labels = tables.roles, tables.words
        self.pieces = kept_of(PIECES, tables)
        self.firsts = {words[0] for words in self.labels}
        self.longest = max(map(len, self.labels))
        self.own, self.inside = with_text(0xFFFFFFFFU, "own "), with_text(0xFFFFFFFFU, "in ")

    cdef tuple name(self, str name):
        """Buckets as the block's own and as a container's, code and bit of the element, code of the label."""
        cdef Py_ssize_t size = len(name), cut = 0, start, end
        cdef int kind = PyUnicode_KIND(name)
        cdef void *data = PyUnicode_DATA(name)
        cdef Py_UCS4 ch
        cdef set words = set()
        cdef list own = [], inside = []
        cdef tuple piece
        cdef str tag, word
        cdef int64_t label
        while cut < size:
            ch = PyUnicode_READ(kind, data, cut)
            if ch == 35 or ch == 46 or ch == 91:  # '#', '.', '['
                break
            cut += 1
        label = self.elements.get(name[:cut], 0)
        # The first piece, which is no class or id, ends at the first sign of any kind.
        start = end = 0
        while start < size or start == 0:
            while end < size and not parts_names(PyUnicode_READ(kind, data, end)):
                end += 1
            if end > start and (size <= NAME_CHARS or (start and not label)):
                piece = self.piece(name[start:end])
                words.update(<tuple> piece[0])
                if start and not label:
                    label = piece[1]
            while end < size and parts_names(PyUnicode_READ(kind, data, end)):
                end += 1
            if end == start:
                break
            start = end
        if size > NAME_CHARS:
            words = set(parts_of(name[:NAME_CHARS], True))
        cut = 0
        while cut < size:
            ch = PyUnicode_READ(kind, data, cut)
            if ch == 35 or ch == 46 or ch == 62:  # '#', '.', '>'
                break
            cut += 1
        tag = name[:cut]
        words.discard(tag)
        for word in sorted(words)[:10] if words else ():
            own.append(bucket(with_text(self.own, word)))
            inside.append(bucket(with_text(self.inside, word)))
        word = "<" + tag + ">"
        own.append(bucket(with_text(self.own, word)))
        inside.append(bucket(with_text(self.inside, word)))
        return tuple(own), tuple(inside), self.codes.get(tag, 0.0), self.bits.get(tag, 0), label

    cdef tuple piece(self, str piece):
        """The words of a piece, and the code of the label that it speaks for."""
        cdef list parts
        found = self.pieces.get(piece)
        if found is None:
            parts = parts_of(piece, False)
            words = [part for part in parts if len(part) > 1] if piece.isascii() else parts_of(piece, True)
            found = self.pieces[piece] = (tuple(words), self.label(piece, parts))
        return found

    cdef int64_t label(self, str piece, list parts):
        cdef Py_ssize_t size, at, count = len(parts)
        told = self.roles.get(piece)
        if told is not None:
            return told
        for size in range(min(self.longest, count), 0, -1):
            for at in range(count - size + 1):
                if parts[at] in self.firsts:
                    told = self.labels.get(tuple(parts[at:at + size]))
                    if told is not None:
                        return told
        return 0


cdef inline bint is_letter(Py_UCS4 ch):
    return ASCII[ch] & 6 if ch < 128 else ch.isalnum() and not ch.isdecimal()


cdef inline bint parts_names(Py_UCS4 ch):
    return ASCII[ch] & 8 if ch < 128 else ch.isspace()


cdef list parts_of(str name, bint as_words):
    """The parts of a name, lower case: `navBar` is `nav` and `bar`. As words of any letters: those of two or
    more."""
    cdef list found = []
    cdef Py_ssize_t start = 0, end, size = len(name)
    cdef int kind = PyUnicode_KIND(name)
    cdef void *data = PyUnicode_DATA(name)
    cdef Py_UCS4 ch
    cdef int sort, after
    while start < size:
        ch = PyUnicode_READ(kind, data, start)
        end = start + 1
        sort = ASCII[ch] & 6 if ch < 128 else 0
        if not sort:
            if as_words and ch >= 128 and is_letter(ch):
                while end < size and is_letter(PyUnicode_READ(kind, data, end)):
                    end += 1
                if end - start > 1:
                    found.append(name[start:end].lower())
            start = end
            continue
        after = ascii_at(kind, data, end, size)
        if sort == 4 and after == 4:
            while ascii_at(kind, data, end, size) == 4:
                end += 1
            if ascii_at(kind, data, end, size) == 2:
                end -= 1  # its last capital begins the next part
        else:
            while ascii_at(kind, data, end, size) == 2:
                end += 1
        if end - start > 1 or not as_words:
            found.append(name[start:end] if sort == 2 else name[start:end].lower())
        start = end
    return found


cdef inline int ascii_at(int kind, void *data, Py_ssize_t at, Py_ssize_t size):
    """2 for a small letter of ASCII, 4 for a capital, 0 for anything else or beyond the end."""
    cdef Py_UCS4 ch
    if at >= size:
        return 0
    ch = PyUnicode_READ(kind, data, at)
    return ASCII[ch] & 6 if ch < 128 else 0


cdef float summed_pairwise(const float *values, Py_ssize_t n):
    """The sum as numpy takes it of up to 128 values."""
    cdef Py_ssize_t at = 0, lane
    cdef float total = 0
    cdef float lanes[8]
    if n >= 8:
        for lane in range(8):
            lanes[lane] = values[lane]
        at = 8
        while at < n - n % 8:
            for lane in range(8):
                lanes[lane] += values[at + lane]
            at += 8
        total = ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]))
    while at < n:
        total += values[at]
        at += 1
    return total


def told(
    const int64_t[::1] own, const int64_t[::1] inside, const int64_t[::1] starts, const int64_t[::1] label,
    const int64_t[::1] parent, const int64_t[::1] leaf, const int64_t[:, ::1] above, const float[::1] table,
):
    cdef Py_ssize_t count = parent.shape[0], n = leaf.shape[0], node, at, size, first, i, up
    cdef float value, low, high
    cdef float[:, ::1] said = np.zeros((8, count), dtype=np.float32)
    cdef double[::1] sums = np.zeros(count)
    cdef float values[64]
    out = np.empty((9, n), dtype=np.float32)
    cdef float[:, ::1] found = out
    for node in range(count):
        first, size = starts[node], min(starts[node + 1] - starts[node], <Py_ssize_t> 64)
        for at in range(size):
            values[at] = table[own[first + at]]
        low = high = values[0]
        for at in range(1, size):
            low, high = min(low, values[at]), max(high, values[at])
        said[0, node] = values[0] + summed_pairwise(values + 1, size - 1)
        said[1, node], said[2, node] = low, high
        for at in range(size):
            values[at] = table[inside[first + at]]
        low = high = values[0]
        for at in range(1, size):
            low, high = min(low, values[at]), max(high, values[at])
        said[3, node] = values[0] + summed_pairwise(values + 1, size - 1)
        if node:
            up = parent[node]
            said[4, node], said[5, node] = min(said[4, up], low), max(said[5, up], high)
            sums[node] = sums[up] + said[3, node]
            said[6, node] = <float> sums[node]
            said[7, node] = label[node] if label[node] else <int64_t> said[7, up]
    for i in range(n):
        node, up = leaf[i], above[i, 0]
        found[0, i], found[1, i], found[2, i] = said[0, node], said[1, node], said[2, node]
        found[3, i], found[4, i] = said[3, up], said[3, above[i, 1]]
        found[5, i], found[6, i], found[7, i] = said[4, up], said[5, up], said[6, up]
        found[8, i] = said[7, node]
    return out


def inherited(const int64_t[::1] parent, const int64_t[::1] bits):
    cdef Py_ssize_t node, count = parent.shape[0]
    out = np.zeros(count, dtype=np.int64)
    cdef int64_t[::1] found = out
    for node in range(1, count):
        found[node] = bits[node] | found[parent[node]]
    return out


# -- units.py

def units(
    const int64_t[::1] parent, const int64_t[::1] flat, const int64_t[::1] owner, const int64_t[::1] leaf,
    const float[::1] prose, tuple leasts,
):
    cdef Py_ssize_t count = parent.shape[0], n = prose.shape[0], node, at, reading, main
    cdef int64_t worth, best
    cdef double least
    cdef double[::1] within = np.zeros(count)
    cdef int64_t[::1] depths = np.zeros(count, dtype=np.int64)
    cdef uint8_t[::1] holds = np.zeros(count, dtype=np.uint8)
    out = np.full((len(leasts), n), -1, dtype=np.int64)
    cdef int64_t[:, ::1] unit = out
    for at in range(flat.shape[0]):
        within[flat[at]] += prose[owner[at]]
    holds[0] = 1  # the page is its own parent
    for node in range(1, count):
        depths[node] = depths[parent[node]] + 1
        holds[parent[node]] = 1
    for reading in range(len(leasts)):
        least, main, best = leasts[reading], 0, -1
        for node in range(count):
            worth = depths[node] * 2_000_000 - node if holds[node] and within[node] >= least else -1
            if node == 0 or worth > best:
                main, best = node, worth
        for at in range(flat.shape[0]):
            node = flat[at]
            if node and node != main and parent[node] == main:
                unit[reading, owner[at]] = node
        for at in range(n):
            if leaf[at] == main:
                unit[reading, at] = main
    return out


def unit_sums(
    const int64_t[::1] unit, const float[::1] tags, const float[::1] words, const float[::1] prose,
    const float[::1] linked, const float[::1] node_tags, double total,
):
    cdef Py_ssize_t n = unit.shape[0], count = node_tags.shape[0], first = 0, last, at
    cdef double held, size, links
    cdef float one
    cdef int64_t node
    cdef double[::1] kin = np.zeros(count), kin_prose = np.zeros(count)
    out = np.zeros((10, n))
    cdef double[:, ::1] found = out
    for at in range(n):
        if unit[at] >= 0:
            kin[unit[at]] += 1
            kin_prose[unit[at]] += prose[at]
    while first < n:
        node = unit[first]
        last, held, size, links = first, 0, 0, 0
        while last < n and unit[last] == node:
            one = words[last] + <float> 1
            held += prose[last]
            size += one
            links += <float> (linked[last] * one)
            last += 1
        for at in range(first, last):
            if node < 0:
                break
            found[0, at] = held / total
            found[1, at] = size
            found[2, at] = last - first
            found[3, at] = links / size
            found[4, at], found[5, at] = tags[first], words[first]
            found[6, at] = min(at - first, 30)
            found[7, at] = node_tags[node]
            found[8, at] = kin[node]
            found[9, at] = kin_prose[node] / total
        first = last
    return out


def unit_names(
    const int64_t[::1] unit, const int64_t[::1] inside, const int64_t[::1] starts, const float[::1] table,
):
    cdef Py_ssize_t n = unit.shape[0], at, size, i
    cdef int64_t node, before = -1
    cdef float low = -9, whole = -9
    cdef float values[64]
    out = np.empty((2, n), dtype=np.float32)
    cdef float[:, ::1] found = out
    for i in range(n):
        node = unit[i]
        if node < 0:
            low = whole = -9
        elif node != before:
            size, low = min(starts[node + 1] - starts[node], <Py_ssize_t> 64), 0
            for at in range(size):
                values[at] = table[inside[starts[node] + at]]
                low = min(low, values[at])
            whole = summed_pairwise(values, size)
        before = node
        found[0, i], found[1, i] = whole, low
    return out


# -- hints.py

cdef int64_t start_code(tuple words, str text, dict starts, set first, marked):
    cdef Py_ssize_t size
    cdef tuple found
    if not words or words[0] not in first:
        return 0
    for size in range(min(len(words), <Py_ssize_t> LONGEST), 0, -1):
        told = starts.get(words[:size])
        if told is not None:
            found = told
            if not found[1] or len(words) == size or marked(text[:12 * size + 20]):
                return found[0]
    return 0


cdef int64_t phrase_code(tuple words, dict phrases):
    cdef Py_ssize_t at
    cdef tuple phrase, entry
    for at in range(len(words)):
        told = phrases.get(words[at])
        if told is not None:
            for entry in <list> told:
                phrase = entry[0]
                if words[at:at + len(phrase)] == phrase:
                    return entry[1]
    return 0


def coded(texts, list lines, index):
    cdef dict whole = index.lines, openers = index.openers, starts = index.starts, phrases = index.phrases
    cdef set first = index.first, opening = index.opening
    cdef Py_ssize_t n = len(lines), i, size
    cdef list tokens
    cdef tuple words
    cdef str text, word
    cdef bint numbered
    marked, dated = index.marked, index.dated
    out = np.zeros((n, 5), dtype=np.int64)
    cdef int64_t[:, ::1] found = out
    for i in range(n):
        tokens, text = lines[i], texts[i]
        size = len(tokens)
        if size == 0:
            continue
        if size > SHORT_WORDS:
            if tokens[0] in first:
                found[i, 2] = start_code(tuple(tokens[:LONGEST]), text, starts, first, marked)
            continue
        numbered = False
        for word in tokens:
            if <Py_UCS4> word[0] <= 57:
                numbered = True
                break
        if numbered:
            words, found[i, 4] = dated(tokens, text)
        else:
            words = tuple(tokens)
        if words[0] in opening:
            found[i, 0] = whole.get(words, 0)
            found[i, 1] = openers.get(words, 0)
        found[i, 2] = start_code(words, text, starts, first, marked)
        found[i, 3] = phrase_code(words, phrases)
    return out


def times(const int64_t[:] keys):
    cdef Py_ssize_t n = keys.shape[0], at
    cdef dict count = {}
    out = np.ones(n, dtype=np.int64)
    cdef int64_t[::1] found = out
    for at in range(n):
        key = keys[at]
        count[key] = count.get(key, 0) + 1
    for at in range(n):
        if keys[at]:
            found[at] = count[keys[at]]
    return out


# -- kinds.py

def drawn(const float[:, :] chances, const int64_t[::1] place):
    cdef Py_ssize_t n = chances.shape[0], classes = chances.shape[1], i, c, count = 1
    out = np.empty((n, classes), dtype=np.float32)
    cdef float[:, ::1] found = out
    for i in range(n):
        count = max(count, <Py_ssize_t> place[i] + 1)
    cdef double[:, ::1] total = np.zeros((count, classes))
    cdef double[::1] size = np.zeros(count)
    for i in range(n):
        size[place[i]] += 1
        for c in range(classes):
            total[place[i], c] += chances[i, c]
    for i in range(n):
        for c in range(classes):
            found[i, c] = <float> (
                <float> (<float> (1 - DRAWN) * chances[i, c]) + DRAWN * (total[place[i], c] / size[place[i]])
            )
    return out


# -- stated.py

def pieces_held(list lines, list words):
    cdef Py_ssize_t n = len(lines), i, at, size, start, step, last = len(words), count, hits
    cdef list tokens, places
    cdef dict where = {}
    cdef bint same
    cdef str word
    out = np.zeros(n, dtype=np.float32)
    cdef float[::1] held = out
    for at in range(last):
        word = words[at]
        found = where.get(word)
        if found is None:
            where[word] = [at]
        else:
            (<list> found).append(at)
    for i in range(n):
        tokens = lines[i]
        size = min(len(tokens), <Py_ssize_t> PIECE)
        if not size:
            continue
        count = hits = 0
        for at in range(0, len(tokens) - size + 1, size):
            count += 1
            found = where.get(tokens[at])
            if found is None:
                continue
            places = found
            for place in places:
                start = place
                if start + size > last:
                    break
                same = True
                for step in range(1, size):
                    if <str> tokens[at + step] != <str> words[start + step]:
                        same = False
                        break
                if same:
                    hits += 1
                    break
        held[i] = <float> (<double> hits / count)
    return out


cdef bint holds_sign(str text, const uint8_t[::1] begins, dict signs):
    """Whether a text holds one of the signs: `begins` marks the first characters of the ASCII ones."""
    cdef Py_ssize_t at, size = len(text)
    cdef Py_UCS4 ch
    cdef str sign
    for at in range(size):
        ch = text[at]
        if ch < 128 and not begins[ch]:
            continue
        told = signs.get(ch)
        if told is not None:
            for sign in <list> told:
                if len(sign) == 1 or text.startswith(sign, at):
                    return True
    return False


cdef bint holds_one(list words, frozenset table, Py_ssize_t last):
    """Whether one of the last words stands in a table."""
    cdef Py_ssize_t at, size = len(words)
    for at in range(max(size - last, <Py_ssize_t> 0), size):
        if words[at] in table:
            return True
    return False


def credited(texts, list lines, tables):
    cdef Py_ssize_t n = len(lines), i, size
    cdef frozenset by = tables.by, agencies = tables.agencies, pictures = tables.pictures
    cdef tuple picture_signs = tables.picture_signs
    cdef dict signs = {}
    cdef list tokens, last
    cdef str text, end, low, sign
    cdef uint8_t[::1] begins = np.zeros(128, dtype=np.uint8)
    cdef bint holds
    names_agency, names_picture = tables.names_agency, tables.names_picture
    out = np.zeros(n, dtype=np.float32)
    cdef float[::1] found = out
    for sign in tables.signs:
        signs.setdefault(sign[0], []).append(sign)
        if <Py_UCS4> sign[0] < 128:
            begins[<Py_UCS4> sign[0]] = 1
    for i in range(n):
        text, tokens = texts[i], lines[i]
        size = len(text)
        end = text[size - CREDIT_CHARS:] if size > CREDIT_CHARS else text
        low = end.lower()
        last = None
        if not holds_sign(low, begins, signs):
            last = words_of(low) if size > CREDIT_CHARS else tokens
            if not holds_one(last, by, size):
                continue
        if size <= HEAD:
            last = tokens
        elif last is None:
            last = words_of(low)
        found[i] = 1
        if holds_one(last, agencies, CREDIT_CHARS) and names_agency(end):
            found[i] = 2
            continue
        holds = holds_one(last, pictures, CREDIT_CHARS)
        if not holds:
            for sign in picture_signs:
                if sign in low:
                    holds = True
                    break
        if holds and names_picture(end):
            found[i] = 2
    return out


# -- lexical.py

cdef inline bint is_wordy(int kind):
    return LOWER <= kind <= DIGIT and kind != CJK


def counted(texts, const uint8_t[::1] table):
    cdef Py_ssize_t n = len(texts), i, at, size
    cdef int kind, before, inner
    cdef str text
    cdef Py_UCS4 code
    cdef int width
    cdef void *data
    counts_, sums_ = np.zeros((n, CLASSES), dtype=np.float32), np.zeros((5, n), dtype=np.float32)
    ends_ = np.empty((2, n), dtype=np.int64)
    cdef float[:, ::1] counts = counts_, sums = sums_
    cdef int64_t[:, ::1] ends = ends_
    for i in range(n):
        text = texts[i]
        size = len(text)
        width, data = PyUnicode_KIND(text), PyUnicode_DATA(text)
        before = inner = SPACE
        for at in range(size):
            code = PyUnicode_READ(width, data, at)
            kind = table[code if code < BEYOND else BEYOND]
            counts[i, kind] += 1
            if is_wordy(kind) and not is_wordy(before):
                sums[0, i] += 1
                if kind == UPPER:
                    sums[1, i] += 1
                elif kind == DIGIT:
                    sums[2, i] += 1
            if kind == UPPER and before == LOWER:
                sums[3, i] += 1
            if kind == SPACE and before == STOP:
                sums[4, i] += 1
            if at == 0:
                ends[0, i] = kind
            inner, before = before, kind
        counts[i, SPACE] += 1  # the line's end
        if before == STOP:
            sums[4, i] += 1
        if size == 0:
            ends[0, i] = SPACE
        if size == 1:
            inner = before
        ends[1, i] = STOP if inner == STOP and (before == QUOTE or before == BRACKET) else before
        sums[0, i] += counts[i, CJK] * <float> 0.5
    return counts_, sums_[0], sums_[1], sums_[2], sums_[3], sums_[4], ends_[0], ends_[1]


cdef uint32_t CRC[256]

cdef void fill_crc():
    cdef uint32_t number, value
    cdef int bit
    for number in range(256):
        value = number
        for bit in range(8):
            value = (value >> 1) ^ (0xEDB88320U if value & 1 else 0)
        CRC[number] = value

fill_crc()


cdef inline uint32_t with_byte(uint32_t crc, uint32_t byte):
    return CRC[(crc ^ byte) & 0xFF] ^ (crc >> 8)


cdef uint32_t with_word(uint32_t crc, str word):
    """The checksum of what came before and the UTF-8 of a folded word."""
    cdef Py_ssize_t at, size = min(len(word), <Py_ssize_t> FOLDED)
    cdef Py_UCS4 ch
    cdef uint32_t code
    for at in range(size):
        ch = word[at]
        code = ch
        if code < 0x80:
            crc = with_byte(crc, 48 if 48 <= code <= 57 else code)
            continue
        if ch.isdecimal():
            crc = with_byte(crc, 48)
        elif code < 0x800:
            crc = with_byte(with_byte(crc, 0xC0 | code >> 6), 0x80 | code & 0x3F)
        elif code < 0x10000:
            crc = with_byte(crc, 0xE0 | code >> 12)
            crc = with_byte(with_byte(crc, 0x80 | code >> 6 & 0x3F), 0x80 | code & 0x3F)
        else:
            crc = with_byte(with_byte(crc, 0xF0 | code >> 18), 0x80 | code >> 12 & 0x3F)
            crc = with_byte(with_byte(crc, 0x80 | code >> 6 & 0x3F), 0x80 | code & 0x3F)
    return crc


cdef uint32_t with_text(uint32_t crc, str text):
    """The same with a text as it stands."""
    cdef Py_UCS4 ch
    cdef uint32_t code
    for ch in text:
        code = ch
        if code < 0x80:
            crc = with_byte(crc, code)
            continue
        if code < 0x800:
            crc = with_byte(crc, 0xC0 | code >> 6)
        elif code < 0x10000:
            crc = with_byte(with_byte(crc, 0xE0 | code >> 12), 0x80 | code >> 6 & 0x3F)
        else:
            crc = with_byte(with_byte(crc, 0xF0 | code >> 18), 0x80 | code >> 12 & 0x3F)
            crc = with_byte(crc, 0x80 | code >> 6 & 0x3F)
        crc = with_byte(crc, 0x80 | code & 0x3F)
    return crc


cdef inline int64_t bucket(uint32_t crc):
    return (crc ^ 0xFFFFFFFFU) % (BUCKETS - 1) + 1


cdef inline uint32_t opened(Py_UCS4 sign):
    return with_byte(0xFFFFFFFFU, sign)


cdef int64_t one(Py_UCS4 sign, str word):
    return bucket(with_word(opened(sign), word))


cdef int64_t two(Py_UCS4 sign, str word, str after):
    return bucket(with_word(with_byte(with_word(opened(sign), word), 32), after))


# What of ASCII is part of a word (1), a small letter (2), a capital (4), what parts the names in a path (8).
cdef uint8_t ASCII[128]

cdef void fill_ascii():
    cdef int code
    for code in range(128):
        ASCII[code] = 48 <= code <= 57 or 65 <= code <= 90 or code == 95 or 97 <= code <= 122
        ASCII[code] |= 2 * (97 <= code <= 122) | 4 * (65 <= code <= 90)
        if code in (35, 46, 91, 93) or chr(code).isspace():
            ASCII[code] |= 8

fill_ascii()


cdef list words_of(str text):
    cdef list found = []
    cdef Py_ssize_t at, start = -1, size = len(text)
    cdef int kind = PyUnicode_KIND(text)
    cdef void *data = PyUnicode_DATA(text)
    cdef Py_UCS4 ch
    for at in range(size):
        ch = PyUnicode_READ(kind, data, at)
        if ASCII[ch] & 1 if ch < 128 else ch.isalnum():
            if start < 0:
                start = at
        elif start >= 0:
            found.append(text[start:at])
            start = -1
    if start >= 0:
        found.append(text[start:size])
    return found


def worded(texts, stopwords):
    cdef Py_ssize_t n = len(texts), i, at, size, held
    cdef str text, word, before
    cdef list found, tail, tokens = [], grams = []
    cdef frozenset common = stopwords
    cdef uint32_t line
    keys_ = np.zeros((n, 5), dtype=np.int64)
    stops_ = np.zeros(n, dtype=np.float32)
    starts_ = np.zeros(n + 1, dtype=np.int64)
    cdef int64_t[:, ::1] keys = keys_
    cdef float[::1] stops = stops_
    cdef int64_t[::1] starts = starts_
    for i in range(n):
        text = texts[i]
        found = words_of(text[:HEAD].lower())
        tokens.append(found)
        size = len(found)
        if size:
            held = 0
            for word in found:
                held += word in common
            stops[i] = <float> (<double> held / size)
            word, before = found[size - 1], found[size - 2 if size > 1 else 0]
            keys[i, 1] = one(94, found[0])
            keys[i, 2] = two(94, found[0], found[1 if size > 1 else 0])
            keys[i, 3] = one(36, word)
            keys[i, 4] = two(36, before, word)
            if size <= WHOLE_LINE:
                line = opened(61)
                for at in range(size):
                    line = with_word(line if at == 0 else with_byte(line, 32), found[at])
                keys[i, 0] = bucket(line)
            if size <= WORD_BY_WORD:
                for at in range(size):
                    grams.append(bucket(with_word(0xFFFFFFFFU, found[at])))
                for at in range(size - 1):
                    line = with_byte(with_word(0xFFFFFFFFU, found[at]), 32)
                    grams.append(bucket(with_word(line, found[at + 1])))
            if len(text) > HEAD:
                tail = words_of(text[len(text) - TAIL:].lower())
                if len(tail) > 1:
                    before, word = tail[len(tail) - 2], tail[len(tail) - 1]
                    keys[i, 3] = one(36, word)
                    keys[i, 4] = two(36, before, word)
        starts[i + 1] = len(grams)
    return stops_, keys_, np.array(grams, dtype=np.int64), starts_, tokens


# -- trees.py

cdef extern from *:
    """
    #include <stddef.h>
    #include <stdint.h>
    #include <stdlib.h>

    /* So many rows at once: their values of one feature fill cache lines, their answers the registers. */
    #define ROWS 32
    /* Vectors as GCC and Clang know them: of a loop over 32 rows GCC 12 makes none that stay in registers. */
    typedef float floats __attribute__((vector_size(32), aligned(4)));
    typedef uint32_t bits __attribute__((vector_size(32)));

    /* A processor with AVX2 takes eight rows in one step, others four; glibc chooses where it is loaded. */
    #if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__)
    #define EACH_PROCESSOR __attribute__((target_clones("avx2", "default")))
    #else
    #define EACH_PROCESSOR
    #endif

    EACH_PROCESSOR static void sum_leaves(
        const float *block, const ptrdiff_t *feature, const float *threshold, const uint32_t *left,
        const ptrdiff_t *roots, ptrdiff_t trees, const float *values, ptrdiff_t outputs, float *sums)
    {
        for (ptrdiff_t tree = 0; tree < trees; tree++) {
            bits dead[4] = {{0}, {0}, {0}, {0}};
            for (ptrdiff_t node = roots[tree]; node < roots[tree + 1]; node++) {
                const floats *value = (const floats *)(block + ROWS * feature[node]);
                const floats bound = threshold[node] - (floats){0};
                const bits gone = left[node] | (bits){0};
                dead[0] |= (bits)(value[0] > bound) & gone;
                dead[1] |= (bits)(value[1] > bound) & gone;
                dead[2] |= (bits)(value[2] > bound) & gone;
                dead[3] |= (bits)(value[3] > bound) & gone;
            }
            float *sum = sums + ROWS * (tree % outputs);
            const float *leaf = values + 32 * tree;
            /* One leaf survives in every row: the lowest bit that is not set. */
            for (int row = 0; row < ROWS; row++)
                sum[row] += leaf[__builtin_ctz(~dead[row / 8][row % 8])];
        }
    }
    """
    enum:
        ROWS
    void sum_leaves(
        const float *block, const Py_ssize_t *feature, const float *threshold, const uint32_t *left,
        const Py_ssize_t *roots, Py_ssize_t trees, const float *values, Py_ssize_t outputs, float *sums,
    ) nogil


def summed(
    const float[:, ::1] columns, const Py_ssize_t[::1] feature, const float[::1] threshold,
    const uint32_t[::1] left, const Py_ssize_t[::1] roots, const float[:, ::1] values, Py_ssize_t outputs,
):
    cdef Py_ssize_t n = columns.shape[1], features = columns.shape[0], count = values.shape[0]
    cdef Py_ssize_t first, row, rows, at
    cdef float[:, ::1] block = np.zeros((features, ROWS), dtype=np.float32)
    cdef float[:, ::1] sums = np.empty((outputs, ROWS), dtype=np.float32)
    out = np.zeros((outputs, n), dtype=np.float32)
    cdef float[:, ::1] total = out
    cdef const Py_ssize_t *features_of = &feature[0] if feature.shape[0] else NULL
    cdef const float *thresholds = &threshold[0] if feature.shape[0] else NULL
    cdef const uint32_t *lefts = &left[0] if feature.shape[0] else NULL
    if n == 0 or count == 0 or features == 0:
        return out
    for first in range(0, n, ROWS):
        rows = min(n - first, <Py_ssize_t> ROWS)
        for at in range(features):
            for row in range(rows):
                block[at, row] = columns[at, first + row]
        sums[:, :] = 0
        sum_leaves(
            &block[0, 0], features_of, thresholds, lefts, &roots[0], count, &values[0, 0], outputs, &sums[0, 0]
        )
        for at in range(outputs):
            for row in range(rows):
                total[at, first + row] = sums[at, row]
    return out
