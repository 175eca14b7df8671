# Twins of functions in this package, for a compiler: see compiled.py and docs/decisions/0006.
# Each gives the numbers that the function of its name gives, in the same order of operations.
# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False

from libc.stdint cimport int64_t, uint8_t, uint32_t

import numpy as np

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
    MANY = 4000


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
        if len(token) >= CONTENT and not token.isdigit():
            found.append(token)
    return found


def related(list tokens, list firm):
    cdef Py_ssize_t n = len(tokens), i, at = 0, size, hits
    cdef list content = [], lines = [], words
    cdef dict core = {}, held = {}, seen = {}, total = {}
    cdef set known, others = set(), single = set(), asked
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
            held[word] = held.get(word, 0) + 1
    for word, times in held.items():
        if times == 1:
            single.add(word)
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
                if words[hits] in single:
                    alone = True
                    break
            if not alone:
                found[4, i] = whole.find(line, 0, at) >= 0
                found[5, i] = whole.find(line, at + len(line)) >= 0
        at += len(line) + 1
    return out[0], out[1], out[2], out[3], out[4], out[5]


# -- markup.py

def numbered(paths, tuple steps):
    cdef list parent = [0], names = [""], articles = [0], ranks = [0], inside = [{}]
    cdef list above = [], leaf = [], signature = [], depth = [], flat = [], sizes = [], chain = [0], outer
    cdef dict signatures = {}, chains = {}
    cdef tuple path, before = ()
    cdef Py_ssize_t seen = 0, shared, most, size, step
    cdef str name
    for path in paths:
        known = chains.get(path)
        if known is not None:
            chain = known
        else:
            most, shared = min(len(path), len(before)), 0
            while shared < most and path[shared] == before[shared]:
                shared += 1
            chain = chain[:shared + 1]
            at = chain[len(chain) - 1]
            for name in path[shared:]:
                found = (<dict> inside[at]).get(name)
                if found is None:
                    found = len(parent)
                    (<dict> inside[at])[name] = found
                    inside.append({})
                    parent.append(at)
                    names.append(name)
                    if name.startswith("article") and name[7:8] in ("", ".", "#", ">"):
                        seen += 1
                        articles.append(found)
                        ranks.append(seen)
                    else:
                        articles.append(articles[at])
                        ranks.append(ranks[at])
                at = found
                chain.append(at)
            chains[path] = chain
        before = path
        size = len(chain)
        leaf.append(chain[size - 1])
        outer = []
        for step in steps:
            outer.append(chain[max(size - 1 - step, <Py_ssize_t> 0)])
        above.append(outer)
        name = path[len(path) - 1] if path else ""
        signature.append(signatures.setdefault(name, len(signatures)))
        depth.append(size - 1)
        flat.extend(chain)
        sizes.append(size)
    return parent, names, articles, ranks, above, leaf, signature, depth, flat, sizes


# -- lexical.py

cdef inline bint is_wordy(int kind):
    return LOWER <= kind <= DIGIT and kind != CJK


def counted(texts, const uint8_t[::1] table):
    cdef Py_ssize_t n = len(texts), i, at, size
    cdef int kind, before, inner
    cdef str text
    cdef Py_UCS4 code
    counts_, sums_ = np.zeros((n, CLASSES), dtype=np.float32), np.zeros((5, n), dtype=np.float32)
    ends_ = np.empty((2, n), dtype=np.int64)
    cdef float[:, ::1] counts = counts_, sums = sums_
    cdef int64_t[:, ::1] ends = ends_
    for i in range(n):
        text = texts[i]
        size = len(text)
        before = inner = SPACE
        for at in range(size):
            code = text[at]
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


cdef inline int64_t bucket(uint32_t crc):
    return (crc ^ 0xFFFFFFFFU) % (BUCKETS - 1) + 1


cdef inline uint32_t opened(Py_UCS4 sign):
    return with_byte(0xFFFFFFFFU, sign)


cdef int64_t one(Py_UCS4 sign, str word):
    return bucket(with_word(opened(sign), word))


cdef int64_t two(Py_UCS4 sign, str word, str after):
    return bucket(with_word(with_byte(with_word(opened(sign), word), 32), after))


cdef list words_of(str text):
    cdef list found = []
    cdef Py_ssize_t at, start = -1, size = len(text)
    cdef Py_UCS4 ch
    for at in range(size):
        ch = text[at]
        if ch.isalnum() or ch == 95:
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

    /* So many rows at once: their values of one feature fill a cache line, their answers the registers. */
    #define ROWS 16
    /* Vectors as GCC and Clang know them: of a loop over 16 rows GCC 12 makes none that stay in registers. */
    typedef float floats __attribute__((vector_size(16), aligned(4)));
    typedef uint32_t bits __attribute__((vector_size(16)));

    static int lowest_zero(uint32_t bits)
    {
        int at = 0;
        if ((bits & 0xFFFF) == 0xFFFF) { at += 16; bits >>= 16; }
        if ((bits & 0xFF) == 0xFF) { at += 8; bits >>= 8; }
        if ((bits & 0xF) == 0xF) { at += 4; bits >>= 4; }
        if ((bits & 3) == 3) { at += 2; bits >>= 2; }
        return at + (bits & 1);
    }

    static void sum_leaves(
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
            for (int row = 0; row < ROWS; row++)
                sum[row] += leaf[lowest_zero(dead[row / 4][row % 4])];
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
