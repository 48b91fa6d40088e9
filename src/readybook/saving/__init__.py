"""Save what people type into an assessment's files; other changes in them are kept."""

__all__: list[str] = []
