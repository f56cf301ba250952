"""Shipments and watches: what brings a commit out, and looks after it, whatever is killed."""
