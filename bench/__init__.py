"""Measurements: `make bench` prints them, `docs/performance.md` keeps the last ones. They decide no test."""
