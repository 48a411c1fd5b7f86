"""Are two expressions the same? Points first, then fifty digits, then proof."""
