"""Measurements of whole processes against bare peers; `make bench` runs them."""
