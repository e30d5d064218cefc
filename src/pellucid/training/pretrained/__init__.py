"""Trainings that begin with weights that have learnt before."""
