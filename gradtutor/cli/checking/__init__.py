"""check: gradients against differences; audits of a person's own."""
