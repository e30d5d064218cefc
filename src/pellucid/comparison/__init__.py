"""Several networks on the same data, under the same budget, side by side."""
