"""Why is a gradient wrong? The mistake that gives the person's very numbers."""
