"""What other programs read of an analysis: JUnit for a pipeline, Markdown for a pull request."""
