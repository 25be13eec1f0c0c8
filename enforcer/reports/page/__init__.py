"""What the HTML report is made of: its templates, style and script, and the shapes and records that stand in it."""
