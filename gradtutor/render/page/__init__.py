"""The page: one HTML file that steps through a circuit and computes it anew."""
