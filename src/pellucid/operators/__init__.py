"""Operators on images and series: convolution, kernels, pooling, series, with their arithmetic."""
