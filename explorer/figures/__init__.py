"""Figures of what is finished, in Plotly; what still moves is drawn by view/curves.js."""
