"""The rules of the house, pure: values in, values out.

Nothing here reads a clock, a file, a database or a request, and nothing is random without a seed.
A survey officer should be able to discuss any rule by reading only its tests.
"""
