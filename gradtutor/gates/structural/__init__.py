"""Structural gates: linear and routing maps, each with its shape rule and adjoint."""
