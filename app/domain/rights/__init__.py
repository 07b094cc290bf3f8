"""Who may do what, and to which objects. The only place that knows.

roles: what somebody is employed for · rights: the table of acts by role, and the judgement
Routes and services both ask here; neither has a rule of its own.
"""
