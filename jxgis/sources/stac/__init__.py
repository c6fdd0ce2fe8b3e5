"""Satellite scenes from a STAC API: searched by place and dates, and fetched into a folder.

The folder may hold scenes of earlier runs. What is there already is left alone, and a run that was
interrupted goes on where it stopped.
"""

from jxgis.sources.stac.search import Request, fetch_imagery

__all__ = ["Request", "fetch_imagery"]
