"""gen, train and export: scripts, their settings, what comes after."""
