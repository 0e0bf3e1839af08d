"""What people and programs see of a plan: text, Markdown and JSON, all pure."""
