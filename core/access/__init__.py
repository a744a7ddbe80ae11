"""Who acts: the one spelling of a person's name and when two names are one person."""
