"""What is kept: WARC, SQLite, search. Knows nothing of Scrapy, HTML or cleaning."""
