"""A split as text for a terminal, as Markdown and as a picture. JSON is `scanner.split.model.as_json`."""
