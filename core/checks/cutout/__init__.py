"""What the edges of a transparent picture show: colour that bleeds in, and mattes that were baked in."""
