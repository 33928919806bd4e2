"""The one token view for the app, the notebook and the exported file."""
