"""What happens between Scrapy's engine and the wire: robots rules, retries, unpacking, recording."""
