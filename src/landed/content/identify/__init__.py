"""Which commit a set of files is, by content alone: no label, tag or name is asked."""
