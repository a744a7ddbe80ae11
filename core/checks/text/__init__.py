"""Reading lettering: the OCR reader, where lines stand, comparison of texts, characters that are known."""
