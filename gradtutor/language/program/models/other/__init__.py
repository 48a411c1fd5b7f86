"""Models of flax, fastai and scikit-learn, and the sizes of Gym's environments."""
