"""Programs that make tables of the project from other people's tables; run by hand, their results are committed."""
