"""How does a template name what is ours?  Tags for the templates of papers."""
