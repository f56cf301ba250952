"""Before against after, in numbers and in words: what `held` is judged by.

Pure functions over counts. `exact` has the probabilities, `boundary` and `anytime` say when a
difference is too large for chance although somebody looks again and again, `units` what may be
counted as independent, and `decide` what follows for a watch, in words.
"""
