"""Everything that is kept: the only floor that builds SQL or reads definition files.

It takes and returns frozen records and domain objects, never rows.
"""
