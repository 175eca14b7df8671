"""Reports as one HTML file each: the picture of a page's cuts, and the cleaner's score on a gold folder.

Every text comes from a hostile page: the templates escape all of it, and a policy in them forbids scripts.
"""

from crawler.reports.rendering import evaluation_report, picture_of_cuts

__all__ = ["evaluation_report", "picture_of_cuts"]
