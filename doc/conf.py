"""How Sphinx builds the documentation (`tox -e docs`)."""

project = "minicloud"
copyright = "the minicloud authors"
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
root_doc = "index"
exclude_patterns = ["build"]
html_theme = "alabaster"
myst_heading_anchors = 3
