"""What kind of page a page is: evidence in, a ruling out."""
