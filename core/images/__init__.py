"""The one door for pictures: decoding what comes from outside, differences, annotations, colour maps."""
