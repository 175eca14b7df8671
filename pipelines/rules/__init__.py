"""The first labeller: structure and tables of cue words. It reads dumps; HTML pages go without it.

The way through, each step a function over the page's lines, later ones never undoing a sure verdict:

1. each line by itself, tables and forms of `pipelines.cues` (`line`);
2. the headline, its repetitions, and the breadcrumb that ends with it (`headline`);
3. captions: said twice in a row, credited, or attached to one (`captions`);
4. sections: an opener such as "Recent Posts" owns what follows until the text comes back (`sections`);
   comments that no opener announces (`threads`);
5. the text's region: the run of lines whose sum of text is greatest (maximum subsequence segmentation,
   Pasternack and Roth, "Extracting article text from the web", WWW 2009) (`region`);
6. what stands before the region and after it (`margins`), what is said twice (`repeats`), the writer's
   biography (`biography`), and what the rest of the region is (`inside`).

The steps share a `Page`; `labeller` holds their order.
"""

from pipelines.rules.labeller import RuleLabeller

__all__ = ["RuleLabeller"]
