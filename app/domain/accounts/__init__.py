"""Accounts of staff: what names and passwords must be, how long sessions last, when to wait.

rules: names, passwords, scopes · sessions: stages and limits · tries: waiting after wrong passwords
"""
