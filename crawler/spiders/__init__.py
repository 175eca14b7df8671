"""The spiders: `news` (feeds of the sites in sites.toml), `article` (single URLs), `reload` (dumps)."""
