"""The plan: how a trained network is computed fastest on a machine, with the same answers."""
