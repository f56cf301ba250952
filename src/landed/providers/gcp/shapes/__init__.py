"""What Google's APIs answer, as far as landed reads it: a file for each API. Their own names, in
Python's spelling.

What an answer cannot be without is required: half an answer is an error, and no empty success.
Their JSON leaves out what is empty, so lists, counts and flags have a default.
"""
