"""Data sets as tar files of samples (WebDataset's form), read from front to back.

A sample is a few members in a row that share a key: ``00000012.jpg``, ``00000012.cls`` (the class's
number), ``00000012.json`` (its name and more). See https://github.com/webdataset/webdataset.
"""

from pellucid.data.shards.names import INDEX, is_shards

__all__ = ["INDEX", "is_shards"]
