"""Sites made by content management systems that nobody here wrote, served on loopback."""
