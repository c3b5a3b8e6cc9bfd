"""Streams of the options venue, in both generations: names, what is pushed, doors."""
