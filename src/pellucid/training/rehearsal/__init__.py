"""Trainings before the training proper: folds, parts of the images, strengths to choose from."""
