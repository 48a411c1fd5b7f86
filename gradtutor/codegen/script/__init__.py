"""The training script: one file that never imports gradtutor, made of blocks."""
