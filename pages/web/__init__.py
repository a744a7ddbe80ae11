"""What is refused, and said of every answer, before any page or route is reached: hosts, origins, headers."""
