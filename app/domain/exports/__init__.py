"""A wave's responses as a table: one row a response, one column a question or department × aspect.

columns: what the columns are, from the definition alone · rows: a response → a row of cells
codebook: what columns and values mean · base_weights: N_h/n_h · spss_names: what SPSS takes

Nothing here leads back to a person: no permit, no receipt, no sealed person, no day, no free text
unless it is asked for; and rows come in random order.
"""
