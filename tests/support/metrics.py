"""What a scrape of `/metrics` says."""

from prometheus_client.parser import text_string_to_metric_families


class Figures:
    """The samples of one scrape."""

    def __init__(self, text: str) -> None:
        self.samples = [
            (sample.name, sample.labels, sample.value)
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        ]

    def __call__(self, name: str, **labels: str) -> float:
        """Add up the samples of this name that have these labels."""
        return sum(
            value
            for found, have, value in self.samples
            if found == name and labels.items() <= have.items()
        )
