"""Where a training computes: on a CPU or a GPU, in one process or several."""
