"""Models of flax and fastai, and the sizes of Gym's environments."""
