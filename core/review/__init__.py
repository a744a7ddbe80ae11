"""Every rule of blind review: units, whose verdicts count, what is asked next, reviewers."""
