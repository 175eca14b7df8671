"""Why a page's blocks were kept or cut: an article with what weighed most in each block. Slow."""

from __future__ import annotations

from archive.values import Article, Engine, Value
from pipelines.blocks import PageFacts
from pipelines.page import read_page
from pipelines.workers import PageJob, WorkerPool, clean_job

#: Weighing walks every tree in Python, some 25 ms a block; so many still end within the CPU time below.
MAX_WEIGHED = 1_000
CPU_SECONDS = 60
#: Features told of each block.
TOP = 3


class Weight(Value, frozen=True, kw_only=True):
    """One feature of a block: what it says in words, and what it added to the log-odds of staying."""

    feature: str
    value: float
    words: str
    weight: float


class Weighed(Article, frozen=True, kw_only=True):
    """An article, and what weighed most in each of its blocks, by position.

    The learned labeller's weights, whoever decided in the end. Blocks that HTML itself names as furniture
    have none: nobody weighed them.
    """

    weights: dict[int, tuple[Weight, ...]]


def weighing_pool(engine: Engine) -> WorkerPool:
    """A worker process whose articles are `Weighed`."""
    return WorkerPool(1, work=explain_job, cpu_seconds=CPU_SECONDS, engine=engine)


def explain_job(job: PageJob) -> Weighed:
    """A job for `WorkerPool`: clean the page and weigh its blocks."""
    article = clean_job(job)
    fields = {name: getattr(article, name) for name in article.__struct_fields__}
    return Weighed(**fields, weights=_weights(job, article))


def _weights(job: PageJob, article: Article) -> dict[int, tuple[Weight, ...]]:
    # In the worker process, which has them: who shows the weights loads no model.
    from pipelines.html_blocks import blocks_of, parse
    from pipelines.html_clean import facts_of
    from pipelines.metadata import read_metadata
    from pipelines.model import learned
    from pipelines.model.words import phrase
    from pipelines.text_blocks import split_dump

    read = read_page(job.body, url=job.url, content_type=job.content_type, form=job.form)
    if read.form == "text":
        blocks = split_dump(read.text)
        facts = PageFacts(form="text", url=job.url)
    else:
        tree = parse(read.text)
        blocks = blocks_of(tree, url=job.url)
        metadata = read_metadata(tree, url=job.url, html=read.text, fetched_at=None)
        facts = facts_of(metadata, url=job.url, headline=article.headline)
    if len(blocks) > MAX_WEIGHED:
        return {}
    found = learned().weigh(blocks, facts, TOP)
    return {
        block.position: tuple(
            Weight(feature=w.feature, value=w.value, words=phrase(w.feature, w.value), weight=w.weight)
            for w in weights
        )
        for block, weights in zip(blocks, found, strict=True)
    }
