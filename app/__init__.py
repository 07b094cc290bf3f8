"""Minyi: ask citizens about their departments and turn the answers into defensible numbers.

The house has floors; imports point down only (`tests/house/test_imports.py` reads them).

    main · cli · commands   start-up: the web application and the command line
    web · console · api     citizens' pages · staff pages · JSON for programs
    the hall                dependencies, security, rendering, plots, form_data, json_body,
                            error_replies, immutable_replies, head_requests, route_table, log,
                            metrics, admission, load, scripted_forms, attempt_storage, connections,
                            stopping
    services                what the system does: one public function = one transaction
    store · tables          the only floor that builds SQL · what rows look like
    domain                  pure rules: no I/O, no clock, no web, no SQL
    errors · settings       the error catalogue · every setting, typed and explained

A subject keeps its name on every floor: to follow `responses` from page to row, open
`web/…`, `services/responses.py`, `store/responses.py`, `tables/_responses.py`.
"""

__version__ = "0.1.0"
