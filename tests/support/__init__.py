"""What tests share: a real PostgreSQL, prepared databases, people, and a wave to answer."""
