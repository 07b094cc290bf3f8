"""Programs that read what we publish: what they may see, and how they are told of news.

scopes: what a client may ask for · events: kinds of news and who may see them
deliveries: webhooks: signature and back-off · addresses: where a webhook may stand
"""
