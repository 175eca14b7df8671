"""Getting pages, and the command line where everything is wired."""
