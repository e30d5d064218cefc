"""The studio's components: controls of NiceGUI, and drawings of our own (ES modules in ``web``)."""

from pathlib import Path

#: Where the modules lie, and the name by which they import each other.
WEB = Path(__file__).parents[1] / "web"
ESM = {"pellucid": str(WEB)}
