"""papernet: an exchange test network that you run yourself."""

__version__ = "0.1.0"
