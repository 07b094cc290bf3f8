"""The life of a wave: which states follow which, and when answers may come in."""
