"""From a folder of images to a run: a network, what it is worth, and a record of it all."""
