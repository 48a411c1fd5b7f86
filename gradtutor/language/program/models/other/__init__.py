"""Models of flax, haiku, Equinox, fastai and d2l, and sizes of Gym's environments."""
