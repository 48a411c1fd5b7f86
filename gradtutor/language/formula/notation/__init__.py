"""Mathematics as people write it: 2x, sin²x, |x|, xᵀAx, LaTeX; never evaluated."""
