"""CUDA code tested on a machine without a GPU: see README.md in this folder."""
