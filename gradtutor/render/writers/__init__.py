"""One format a module: DOT, TikZ."""
