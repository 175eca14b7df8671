"""What a page says: page, blocks, labels, article. Knows nothing of HTTP or disk layout."""
